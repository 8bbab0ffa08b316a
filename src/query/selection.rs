//! The parsed operation as a tree of fields with plain arguments.
//!
//! Fragments are spread, type conditions kept, variables put in with their defaults. It plans nothing.

use crate::error::{Error, Result};
use async_graphql::parser::types::{Selection as Node, SelectionSet};
use async_graphql::{InputType, Name, Pos, Positioned, QueryEnv, Value};
use async_graphql_value::Value as Literal;
use std::collections::{BTreeMap, HashMap};

/// The number of a field's place in the document: it files what the statement brings for it.
///
/// Not the response key: two fields with one key may carry different arguments, and are merged only
/// after both were resolved.
pub type Slot = u16;

/// A field of the operation.
#[derive(Debug)]
pub struct Field {
    /// Where its answer is filed.
    pub slot: Slot,
    /// Its name in `snake_case`, as Rust's identifiers are.
    pub name: String,
    /// Its name as it was written.
    pub written: Name,
    /// The type named by the fragment that it stands in.
    pub on: Option<Name>,
    /// The fields selected of it.
    pub sub: Vec<Field>,
    arguments: Vec<(Name, Value)>,
}

impl Field {
    /// The argument of this name; an absent one and `null` are given to `T` as GraphQL does.
    pub fn argument<T: InputType>(&self, name: &str) -> Result<T> {
        let value = self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        T::parse(value.cloned()).map_err(|error| {
            let message = error.into_server_error(Pos::default()).message;
            Error::bad_request(message).within(name)
        })
    }

    /// The value of an argument as it was written.
    pub(crate) fn raw(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The items of a list in a mutation's input as they were written; one alone may stand without a list.
    pub(crate) fn raw_items(&self, name: &str) -> Vec<&Value> {
        match self.raw("input").and_then(|input| member(input, name)) {
            Some(Value::List(items)) => items.iter().collect(),
            Some(item) => vec![item],
            None => Vec::new(),
        }
    }
}

/// A field of an input object as it was written.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(name),
        _ => None,
    }
}

/// All fields of an operation, and which place in the document has which slot.
#[derive(Debug)]
pub struct Selection {
    /// The root fields.
    pub roots: Vec<Field>,
    slots: BTreeMap<Pos, Slot>,
}

impl Selection {
    /// Walks the operation of a request once.
    pub fn of_operation(env: &QueryEnv) -> Result<Self> {
        let mut walk = Walk { env, slots: BTreeMap::new() };
        let mut roots = Vec::new();
        walk.set(&env.operation.node.selection_set.node, None, &mut roots)?;
        walk.number(&mut roots);
        Ok(Self { roots, slots: walk.slots })
    }

    /// Puts an argument in place of the one that was written at each root field.
    pub(super) fn go_on(&mut self, name: &Name, value: &Value) {
        for root in &mut self.roots {
            root.arguments.retain(|(known, _)| known != name);
            root.arguments.push((name.clone(), value.clone()));
        }
    }

    /// The slot of the field that stands at `at`.
    pub fn slot(&self, at: Pos) -> Option<Slot> {
        self.slots.get(&at).copied()
    }
}

struct Walk<'a> {
    env: &'a QueryEnv,
    slots: BTreeMap<Pos, Slot>,
}

impl Walk<'_> {
    fn set(&mut self, set: &SelectionSet, on: Option<&Name>, into: &mut Vec<Field>) -> Result<()> {
        for item in &set.items {
            match &item.node {
                Node::Field(field) => into.push(self.field(field, on)?),
                Node::FragmentSpread(spread) => {
                    if let Some(fragment) = self.env.fragments.get(&spread.node.fragment_name.node)
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, Some(on), into)?;
                    }
                }
                Node::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map(|condition| &condition.node.on.node).or(on);
                    self.set(&fragment.node.selection_set.node, on, into)?;
                }
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &Positioned<async_graphql::parser::types::Field>,
        on: Option<&Name>,
    ) -> Result<Field> {
        let mut sub = Vec::new();
        self.set(&field.node.selection_set.node, None, &mut sub)?;
        let mut arguments = Vec::new();
        for (name, value) in &field.node.arguments {
            if let Some(value) = self.value(&value.node) {
                arguments.push((name.node.clone(), value));
            }
        }
        let next = Slot::try_from(self.slots.len()).map_err(|_overflow| {
            Error::TooComplex("the operation holds too many fields".to_owned())
        })?;
        let slot = *self.slots.entry(field.pos).or_insert(next);
        let name = snake_case(&field.node.name.node);
        let written = field.node.name.node.clone();
        Ok(Field { slot, name, written, on: on.cloned(), sub, arguments })
    }

    /// Renumbers the slots in document order, so that equal shapes are equal statements.
    fn number(&mut self, fields: &mut [Field]) {
        let mut numbers = HashMap::new();
        for (number, slot) in (0..).zip(self.slots.values_mut()) {
            numbers.insert(*slot, number);
            *slot = number;
        }
        renumber(fields, &numbers);
    }

    /// A value with its variables put in; nothing where it is a variable that was left out.
    fn value(&self, literal: &Literal) -> Option<Value> {
        Some(match literal {
            Literal::Variable(name) => return self.variable(name),
            Literal::List(items) => {
                Value::List(items.iter().map(|item| self.value(item).unwrap_or_default()).collect())
            }
            Literal::Object(fields) => Value::Object(
                fields
                    .iter()
                    .filter_map(|(name, field)| Some((name.clone(), self.value(field)?)))
                    .collect(),
            ),
            other => other.clone().into_const()?,
        })
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.env.variables.get(name).cloned().or_else(|| {
            let definitions = &self.env.operation.node.variable_definitions;
            let definition = definitions.iter().find(|known| known.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|value| value.node.clone())
        })
    }
}

fn renumber(fields: &mut [Field], numbers: &HashMap<Slot, Slot>) {
    for field in fields {
        field.slot = numbers.get(&field.slot).copied().unwrap_or(field.slot);
        renumber(&mut field.sub, numbers);
    }
}

/// `has_any` → `hasAny`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.trim_start_matches("r#").split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &initial.into_iter().chain(letters).collect::<String>()
    })
}

/// `subtaskProgress` → `subtask_progress`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
