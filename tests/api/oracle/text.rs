//! Text that tools stumble over, for the oracle's worlds and filters; it says nothing of what text means.

use super::world::Dice;

/// Words, each for a reason of its own.
const TEXTS: [&str; 62] = [
    // Case, accents and letters that become two.
    "Straße",
    "STRASSE",
    "GROẞ",
    "straße nach Köln",
    "e\u{301}té",
    "Été",
    "ete",
    "ﬁne №5",
    "ﬀ ﬃ",
    "ǅ Ǆ ǆ",
    "ŉ ǰ ΐ",
    // The two letters i.
    "İstanbul",
    "ıstanbul",
    "istanbul",
    "ISTANBUL",
    "i\u{307}",
    "I",
    // The two small sigmas.
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "ΑΣ.",
    "ᾼ ᾳ",
    // What a pattern or a literal would take for its own.
    "100% sure",
    "%",
    "%%",
    "_",
    "under_score",
    "back\\slash",
    "\\",
    "\\%",
    "it's \"quoted\"",
    "'; --",
    "$1 {x} [y] (z) *?+.^|",
    "null",
    "tab\tand\nline",
    " blank before and after ",
    // Written from right to left, and with signs of direction.
    "שלום עולם",
    "שָׁלוֹם",
    "مرحبا",
    "مَرْحَبًا",
    "\u{202E}abc\u{202C}",
    // Letters of several parts, marks outside the blocks that are dropped, joiners.
    "👩‍👩‍👧 family",
    "👍🏽",
    "🇦🇺",
    "1️⃣",
    "가나",
    "が",
    "か\u{3099}",
    "नमस्ते",
    "a\u{301}\u{327}b",
    "\u{301}",
    "\u{200B}\u{FEFF}x",
    // Compatibility forms and capitals of scripts that few know.
    "ｆｕｌｌ Ｗｉｄｔｈ",
    "𝒜𝓫𝕮",
    "①②",
    "Å Ω",
    "𐐀𐐨",
    "Ꭰꭰ",
    "Აა",
    // The ends of the order.
    "a",
    "Zz",
    "\u{10FFFF}",
    "\u{10FFFF}\u{10FFFF}x",
];

/// A word, two of them, or one behind a start that is longer than what is ordered by.
pub(crate) fn text(dice: &mut Dice) -> String {
    match dice.below(12) {
        0..4 => format!("{} {}", word(dice), word(dice)),
        4 => format!("{}{}", "Äß".repeat(66 + dice.below(2)), word(dice)),
        _ => word(dice).to_owned(),
    }
}

pub(crate) fn word(dice: &mut Dice) -> &'static str {
    dice.pick(&TEXTS)
}

/// A piece of a text, cut anywhere, and sometimes in another case; now and then nothing at all.
pub(crate) fn piece(dice: &mut Dice) -> String {
    let whole: Vec<char> = text(dice).chars().collect();
    let start = dice.below(whole.len());
    let end = start + 1 + dice.below(whole.len() - start);
    let piece: String = match dice.below(12) {
        0 => String::new(),
        1..6 => whole.iter().collect(),
        _ => whole[start..end].iter().collect(),
    };
    match dice.below(4) {
        0 => piece.to_uppercase(),
        1 => piece.to_lowercase(),
        _ => piece,
    }
}
