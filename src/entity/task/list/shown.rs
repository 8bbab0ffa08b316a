//! What fields show of a row: where only the rest of it changed, a client has nothing to hear.

use crate::query::selection::Field;
use crate::query::statement::Slots;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Hashes what is shown of a row as the statement wrote it; `beside` are answers that came beside it.
pub(super) fn hash_row<'a>(
    row: &RawValue,
    beside: &Slots,
    fields: impl IntoIterator<Item = &'a Field>,
    state: &mut impl Hasher,
) {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(row.get()).unwrap_or_default();
    let slots = members.get("slots").and_then(|slots| serde_json::from_str(slots.get()).ok());
    let slots: Slots = slots.unwrap_or_default();
    for field in fields {
        field.slot.hash(state);
        if let Some(value) = members.get(field.name.as_str()) {
            value.get().hash(state);
        } else if let Some(answer) = slots.get(field.slot).or_else(|| beside.get(field.slot)) {
            hash_answer(answer, &field.sub, state);
        } else if !field.name.starts_with("__") {
            // It is computed of the row, and who knows of what there.
            row.get().hash(state);
        }
    }
}

/// Hashes what is shown of a record or of some. Anything else, pages of others too, counts as a whole.
fn hash_answer(answer: &RawValue, fields: &[Field], state: &mut impl Hasher) {
    let text = answer.get();
    if let Ok(records) = serde_json::from_str::<Vec<&RawValue>>(text) {
        records.len().hash(state);
        for record in records {
            hash_answer(record, fields, state);
        }
    } else if text.starts_with("{\"id\":") && !fields.is_empty() {
        hash_row(answer, &Slots::default(), fields, state);
    } else {
        text.hash(state);
    }
}
