//! Text without case and accents, and what makes two tags the same.
//!
//! [`fold`] and [`sort_key`] are the twins of functions of the database; a test compares them.

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

/// The name of a tag as it is written down: composed, single blanks, nothing that cannot be seen.
#[must_use]
pub fn tag_name(name: &str) -> String {
    let visible: String = name.nfc().filter(|&letter| !is_zero_width(letter)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What makes two tags the same: the name without regard to case; accents are kept.
#[must_use]
pub fn tag_key(name: &str) -> String {
    caseless::default_case_fold_str(&tag_name(name)).nfc().collect()
}

/// Characters that take no room: zero-width space, joiners, direction marks, word joiner, byte order
/// mark, soft hyphen.
fn is_zero_width(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
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
    }
}
