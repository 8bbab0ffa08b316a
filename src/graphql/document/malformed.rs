//! Scalars that cannot be right, wherever they stand. async-graphql would refuse them one field at a time,
//! when fields before were done, and without the way to them.

use crate::error::Result;
use crate::query::input::{Inputs, item};
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Variables};
use async_graphql_value::Value;
use std::collections::HashSet;

/// Refuses those of an operation.
pub(super) fn refuse(
    operation: &OperationDefinition,
    document: &ExecutableDocument,
    variables: &Variables,
    inputs: &Inputs,
) -> Result<()> {
    let root = Name::new(match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    });
    let mut walk = Walk { document, variables, inputs, met: HashSet::new() };
    walk.set(&operation.selection_set.node, &root)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    inputs: &'a Inputs,
    /// Variables that were met: each is looked at where it stands first.
    met: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet, on: &Name) -> Result<()> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = &field.name.node;
                    let Some(known) = self.inputs.field(on, name) else { continue };
                    for (argument, value) in &field.arguments {
                        let Some(of) = known.argument(&argument.node) else { continue };
                        let checked = self.value(of, &value.node);
                        checked.map_err(|error| error.within(&argument.node).within(name))?;
                    }
                    let inside = self.set(&field.selection_set.node, &known.of);
                    inside.map_err(|error| error.within(name))?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| &condition.node.on.node);
                    self.set(&fragment.node.selection_set.node, on)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, on)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, of: &Type, value: &'a Value) -> Result<()> {
        match value {
            Value::Variable(name) => match self.variables.get(name) {
                Some(value) if self.met.insert(name) => self.inputs.check(of, value),
                _ => Ok(()),
            },
            Value::List(items) => items.iter().enumerate().try_for_each(|(n, value)| {
                self.value(item(of), value).map_err(|error| error.within(&n.to_string()))
            }),
            Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
                let Some(of) = self.inputs.member(item(of), name) else { return Ok(()) };
                self.value(of, value).map_err(|error| error.within(name))
            }),
            plain => match plain.clone().into_const() {
                Some(plain) => self.inputs.check(of, &plain),
                None => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graphql::Api;
    use crate::scalar;
    use async_graphql::Value;

    #[test]
    fn every_scalar_of_the_schema_can_be_read() {
        let sdl = Api::sdl();
        let names: Vec<_> = sdl.lines().filter_map(|line| line.strip_prefix("scalar ")).collect();
        assert!(!names.is_empty());
        for name in names.into_iter().filter_map(|name| name.split(' ').next()).chain(["ID"]) {
            let read = scalar::read(name, &Value::Boolean(true));
            assert!(matches!(read, Some(Err(_))), "{name}: {read:?}");
        }
    }
}
