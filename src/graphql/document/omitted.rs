//! Variables that were left out. A field of an input object that is such a variable is absent, as the
//! specification has it; async-graphql would take it for null, and so clear what the client did not name.

use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;
use std::collections::HashSet;

/// The variables of an operation that have no value: neither one of the request's nor a default.
pub(super) fn of(
    operation: &OperationDefinition,
    is_given: impl Fn(&Name) -> bool,
) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    let omitted = definitions.filter(|it| it.default_value.is_none() && !is_given(&it.name.node));
    omitted.map(|definition| definition.name.node.clone()).collect()
}

/// Leaves out of a document the fields of input objects that are these variables.
pub(super) fn leave_out(document: &mut ExecutableDocument, omitted: &HashSet<Name>) {
    let mut shared = Walk { omitted, left_out: HashSet::new(), stay: HashSet::new() };
    for fragment in document.fragments.values_mut() {
        shared.directives(&mut fragment.node.directives);
        shared.set(&mut fragment.node.selection_set.node);
    }
    for operation in operations(document) {
        let mut walk = shared.clone();
        walk.directives(&mut operation.directives);
        walk.set(&mut operation.selection_set.node);
        // One that stands nowhere any more would be called unused.
        let gone = |name: &Name| walk.left_out.contains(name) && !walk.stay.contains(name);
        operation.variable_definitions.retain(|it| !gone(&it.node.name.node));
    }
}

fn operations(document: &mut ExecutableDocument) -> impl Iterator<Item = &mut OperationDefinition> {
    use async_graphql::parser::types::DocumentOperations::{Multiple, Single};
    let (one, many) = match &mut document.operations {
        Single(one) => (Some(one), None),
        Multiple(many) => (None, Some(many.values_mut())),
    };
    one.into_iter().chain(many.into_iter().flatten()).map(|operation| &mut operation.node)
}

#[derive(Clone)]
struct Walk<'a> {
    omitted: &'a HashSet<Name>,
    /// Those that stood in the place of a field.
    left_out: HashSet<Name>,
    /// Those that stand elsewhere.
    stay: HashSet<Name>,
}

impl Walk<'_> {
    fn set(&mut self, set: &mut SelectionSet) {
        for item in &mut set.items {
            match &mut item.node {
                Selection::Field(field) => {
                    self.arguments(&mut field.node.arguments);
                    self.directives(&mut field.node.directives);
                    self.set(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&mut fragment.node.directives);
                    self.set(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => self.directives(&mut spread.node.directives),
            }
        }
    }

    fn directives(&mut self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            self.arguments(&mut directive.node.arguments);
        }
    }

    fn arguments(&mut self, arguments: &mut [(Positioned<Name>, Positioned<Value>)]) {
        for (_, value) in arguments {
            self.value(&mut value.node);
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Variable(name) => {
                self.stay.insert(name.clone());
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.retain(|_, value| match value {
                Value::Variable(name) if self.omitted.contains(name) => {
                    self.left_out.insert(name.clone());
                    false
                }
                value => {
                    self.value(value);
                    true
                }
            }),
            _ => {}
        }
    }
}
