//! Folding in the database and in the program is one and the same.

use crate::database::TestDatabase;
use crate::migrations::client;

#[tokio::test]
async fn the_database_folds_every_character_as_the_program_does() {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    // PostgreSQL 14, the oldest that is supported, knows Unicode 13; what came later it may leave alone.
    let known_to_all = regex::Regex::new(r"^\p{Age=13.0}$").unwrap();
    let sql = "SELECT letter, fold('a' || letter || 'b') FROM unnest($1::text[]) AS letter";
    let all: Vec<String> = ('\u{1}'..=char::MAX).map(String::from).collect();
    for letters in all.chunks(100_000) {
        for row in client.query(sql, &[&letters]).await.unwrap() {
            let (letter, folded): (String, String) = (row.get(0), row.get(1));
            let alone = format!("a{letter}b");
            let ours = tomos::fold::fold(&alone);
            let excused = folded == alone && !known_to_all.is_match(&letter);
            assert!(folded == ours || excused, "{}: {folded:?} {ours:?}", letter.escape_unicode());
        }
    }
}

#[tokio::test]
async fn the_database_parts_words_where_the_program_does() {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    let sql = "SELECT letter, search_words('a' || letter || 'b') FROM unnest($1::text[]) AS letter
        WHERE fold('a' || letter || 'b') = ANY ($2)";
    let all: Vec<String> = ('\u{1}'..=char::MAX).map(String::from).collect();
    for letters in all.chunks(100_000) {
        // Where both fold alike: a test of its own says where that may not be.
        let folded: Vec<_> =
            letters.iter().map(|letter| tomos::fold::fold(&format!("a{letter}b"))).collect();
        for row in client.query(sql, &[&letters, &folded]).await.unwrap() {
            let (letter, words): (String, Vec<String>) = (row.get(0), row.get(1));
            let ours = tomos::fold::words(&format!("a{letter}b"));
            assert_eq!(words, ours, "{}", letter.escape_unicode());
        }
    }
}

#[tokio::test]
async fn the_database_folds_words_as_the_program_does() {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    for word in ["Ὀδυσσεύς ΟΔΟΣ ΣΑΣ.", "İstanbul IŞIK ışık", "GROẞ Straße", "ﬁne ①②", "👩‍👩‍👧 e\u{301}"]
    {
        let sql = "SELECT fold($1), sort_key($1)";
        let row = client.query_one(sql, &[&word]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), tomos::fold::fold(word));
        assert_eq!(row.get::<_, String>(1), tomos::fold::sort_key(word));
    }
    for text in [
        "area:work, v1.0 don’t",
        "https://example.com/a?b=c_d",
        " x\t½ №5 … ",
        "می\u{200C}خواهم",
        "",
    ] {
        let row = client.query_one("SELECT search_words($1)", &[&text]).await.unwrap();
        assert_eq!(row.get::<_, Vec<String>>(0), tomos::fold::words(text));
    }
    let long = "Äx".repeat(5_000);
    let key: String = client.query_one("SELECT sort_key($1)", &[&long]).await.unwrap().get(0);
    assert_eq!(key, tomos::fold::sort_key(&long));
}
