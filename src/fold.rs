//! Text without case and accents, its words, and what makes two tags the same.
//!
//! [`fold`], [`sort_key`] and [`words`] are the twins of functions of the database; a test compares them.

use unicode_normalization::UnicodeNormalization;

/// Text as it is compared: compatibility forms taken apart, combining marks dropped, lower case, ß as
/// ss, an i without its dot as i, and a final sigma as a sigma.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare: String = text.nfkd().filter(|&letter| !is_mark(letter)).collect();
    let lower = bare.to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    for letter in lower.chars() {
        match letter {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded
}

/// The combining marks: the five blocks of Unicode that hold nothing else.
fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36F}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

/// What text is ordered by: its folded start.
#[must_use]
pub fn sort_key(text: &str) -> String {
    fold(text).chars().take(200).collect()
}

/// The words of a text, folded, in order: whatever stands between letters and digits parts them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(is_blank).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether a character of folded text is neither letter nor digit; what is not listed counts as a letter,
/// the same for every server and version of Unicode.
pub(crate) fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='/' | ':'..='@' | '['..='`' | '{'..='\u{BF}' | '\u{D7}' | '\u{F7}' | '\u{2B9}'..='\u{2FF}'
            | '\u{55A}'..='\u{55F}' | '\u{589}'..='\u{58F}' | '\u{5BE}' | '\u{5C0}' | '\u{5C3}' | '\u{5C6}'
            | '\u{5F3}' | '\u{5F4}' | '\u{600}'..='\u{60F}' | '\u{61B}'..='\u{61F}' | '\u{66A}'..='\u{66D}'
            | '\u{6D4}' | '\u{964}' | '\u{965}' | '\u{970}' | '\u{E3F}' | '\u{E4F}' | '\u{E5A}' | '\u{E5B}'
            | '\u{10FB}' | '\u{1360}'..='\u{1368}' | '\u{2000}'..='\u{206F}' | '\u{20A0}'..='\u{20CF}'
            | '\u{2100}'..='\u{214F}' | '\u{2190}'..='\u{2BFF}' | '\u{2E00}'..='\u{2FFF}'
            | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303D}'..='\u{303F}'
            | '\u{30FB}' | '\u{E000}'..='\u{F8FF}' | '\u{FD3E}' | '\u{FD3F}' | '\u{FE00}'..='\u{FE6F}'
            | '\u{FEFF}' | '\u{FFE0}'..='\u{FFFF}' | '\u{1D000}'..='\u{1D3FF}' | '\u{1F000}'..='\u{1FBFF}'
            | '\u{E0000}'..='\u{10FFFF}'
    )
}

/// The name of a tag as it is written down: composed, single blanks, nothing that cannot be seen.
///
/// Joiners and variation selectors inside it stay, for they shape what is seen: 👨‍💻, می‌خواهم. A name
/// of which nothing is seen is empty.
#[must_use]
pub fn tag_name(name: &str) -> String {
    let shown = name.chars().filter(|&letter| is_shaping(letter) || !is_zero_width(letter));
    // Composed after that, for what was between a letter and its accent kept them apart.
    let shown: String = shown.nfc().collect();
    let words = shown.split_whitespace();
    // At the ends of a word a joiner joins nothing.
    let words = words.map(|word| word.trim_matches(is_joiner));
    let words: Vec<_> = words.filter(|word| !seen(word).is_empty()).collect();
    words.join(" ")
}

/// What makes two tags the same: the name without regard to case and to what has no width; accents are
/// kept.
#[must_use]
pub fn tag_key(name: &str) -> String {
    caseless::default_case_fold_str(&seen(&tag_name(name))).nfc().collect()
}

/// Text without the characters that have no width.
fn seen(text: &str) -> String {
    text.chars().filter(|&letter| !is_zero_width(letter)).collect()
}

/// Characters that take no room: joiners, variation selectors, zero-width space, direction marks, word
/// joiner, byte order mark, soft hyphen.
fn is_zero_width(letter: char) -> bool {
    is_shaping(letter)
        || matches!(
            letter,
            '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}'
        )
}

/// Those of them that change how their neighbours look.
fn is_shaping(letter: char) -> bool {
    is_joiner(letter) || matches!(letter, '\u{FE00}'..='\u{FE0F}')
}

/// Zero-width joiner and non-joiner.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_case_and_accents() {
        for (text, folded) in [
            ("Straße", "strasse"),
            ("GROẞ", "gross"),
            ("İstanbul ışık", "istanbul isik"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("Crème Brûlée", "creme brulee"),
            ("ﬁne №5", "fine no5"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn tags_that_look_the_same_have_one_key() {
        for same in ["Area:Work", " area:work ", "AREA:WORK", "area:\u{200B}work"] {
            assert_eq!(tag_key(same), "area:work", "{same:?}");
        }
        assert_eq!(tag_key("Two   Words"), "two words");
        assert_eq!(tag_key("e\u{301}té"), tag_key("ÉTÉ"));
        assert_ne!(tag_key("ete"), tag_key("été"));
        assert_eq!(tag_key("❤\u{FE0F} Home"), tag_key("❤ home"));
    }

    #[test]
    fn the_name_of_a_tag_keeps_what_shapes_it_and_is_composed() {
        for kept in ["👨\u{200D}💻 Work", "می\u{200C}خواهم", "❤\u{FE0F} Home"] {
            assert_eq!(tag_name(kept), kept);
        }
        assert_eq!(tag_name("e\u{200B}\u{301}"), "é");
        assert_eq!(tag_name("\u{200D} a\u{200D}  b\u{AD}c\u{A0}"), "a bc");
        for unseen in ["", " \u{3000}", "\u{200D}\u{FE0F}", "\u{200B} \u{FEFF}"] {
            assert_eq!((tag_name(unseen), tag_key(unseen)), Default::default());
        }
    }

    #[test]
    fn a_name_and_a_key_made_again_of_themselves_are_the_same() {
        // Nothing beyond these has case or another form.
        for letter in '\u{1}'..='\u{2FFFF}' {
            let text = format!("A{letter}b");
            let (name, key) = (tag_name(&text), tag_key(&text));
            assert_eq!(tag_name(&name), name, "{}", letter.escape_unicode());
            assert_eq!(tag_key(&key), key, "{}", letter.escape_unicode());
            assert_eq!(tag_key(&name), key, "{}", letter.escape_unicode());
        }
    }
}
