//! What the schema says of inputs: which type stands where.
//!
//! It is read from the schema's own text, and asks `scalar` what a scalar is.

use crate::error::{Error, Result};
use crate::scalar;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, Positioned, Value};
use std::collections::HashMap;

/// The inputs of a schema, and the fields that take some.
#[derive(Debug, Default)]
pub struct Inputs {
    objects: HashMap<Name, HashMap<Name, Input>>,
    fields: HashMap<Name, HashMap<Name, Output>>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
struct Input {
    of: Type,
    /// What its absence means.
    default: Option<Value>,
}

/// A field of what is asked for.
#[derive(Debug)]
pub(crate) struct Output {
    arguments: HashMap<Name, Input>,
    /// The name of its type.
    pub(crate) of: Name,
}

impl Inputs {
    /// Those of a schema.
    #[must_use]
    pub fn of(schema: &ServiceDocument) -> Self {
        let mut inputs = Self::default();
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(found) = definition else { continue };
            let name = found.node.name.node.clone();
            match &found.node.kind {
                TypeKind::InputObject(object) => {
                    inputs.objects.insert(name, values(&object.fields));
                }
                TypeKind::Object(object) => {
                    inputs.fields.insert(name, outputs(&object.fields));
                }
                TypeKind::Interface(interface) => {
                    inputs.fields.insert(name, outputs(&interface.fields));
                }
                _ => {}
            }
        }
        inputs
    }

    /// A field of an object; nothing where there is none.
    pub(crate) fn field(&self, object: &Name, field: &Name) -> Option<&Output> {
        self.fields.get(object)?.get(field)
    }

    /// A field of an input object.
    pub(crate) fn member(&self, object: &Type, field: &Name) -> Option<&Type> {
        let BaseType::Named(name) = &object.base else { return None };
        Some(&self.objects.get(name)?.get(field)?.of)
    }

    /// Refuses scalars that cannot be right, with the way to them.
    pub(crate) fn check(&self, of: &Type, value: &Value) -> Result<()> {
        match (&of.base, value) {
            (_, Value::Null) => Ok(()),
            (BaseType::List(of), Value::List(items)) => {
                let check = |(n, item): (usize, &Value)| {
                    self.check(of, item).map_err(|error| error.within(&n.to_string()))
                };
                items.iter().enumerate().try_for_each(check)
            }
            // One alone stands for a list of it.
            (BaseType::List(of), one) => self.check(of, one),
            (BaseType::Named(_), Value::Object(fields)) => {
                fields.iter().try_for_each(|(name, it)| {
                    let Some(of) = self.member(of, name) else { return Ok(()) };
                    self.check(of, it).map_err(|error| error.within(name))
                })
            }
            // What is no scalar is for GraphQL's own validation.
            (BaseType::Named(name), value) => match scalar::read(name, value) {
                Some(Err(message)) => Err(Error::bad_request(message)),
                Some(Ok(_)) | None => Ok(()),
            },
        }
    }
}

impl Inputs {
    /// The input of a mutation as it is plainly written: equal contents are equal values, however a client
    /// spells ids and instants, and whether it names what its absence means too.
    pub(crate) fn plain_of(&self, mutation: &str, input: &Value) -> Value {
        let field = self.field(&Name::new("Mutation"), &Name::new(mutation));
        match field.and_then(|field| field.argument(&Name::new("input"))) {
            Some(of) => self.plain(of, input),
            None => input.clone(),
        }
    }

    fn plain(&self, of: &Type, value: &Value) -> Value {
        match (&of.base, value) {
            (_, Value::Null) => Value::Null,
            (BaseType::List(of), Value::List(items)) => {
                Value::List(items.iter().map(|item| self.plain(of, item)).collect())
            }
            (BaseType::List(of), one) => Value::List(vec![self.plain(of, one)]),
            (BaseType::Named(object), Value::Object(fields)) => {
                let says = |(name, value): (&Name, &Value)| {
                    let Some(field) = self.objects.get(object).and_then(|it| it.get(name)) else {
                        return Some((name.clone(), value.clone()));
                    };
                    let value = self.plain(&field.of, value);
                    (!field.is_absence(object, &value)).then(|| (name.clone(), value))
                };
                Value::Object(fields.iter().filter_map(says).collect())
            }
            // In a variable it is a text.
            (BaseType::Named(_), Value::Enum(name)) => Value::String(name.to_string()),
            (BaseType::Named(name), value) => {
                scalar::read(name, value).and_then(Result::ok).unwrap_or_else(|| value.clone())
            }
        }
    }
}

impl Input {
    /// Whether a value says no more than no value does. The schema's names tell where: null clears in a
    /// patch alone, and a new record is made with nothing in a list as with no list.
    fn is_absence(&self, object: &Name, value: &Value) -> bool {
        match value {
            Value::Null => !object.ends_with("Patch"),
            Value::List(items) if items.is_empty() => {
                self.of.nullable && object.starts_with("Create")
            }
            value => match &self.default {
                Some(Value::Enum(name)) => *value == Value::String(name.to_string()),
                Some(default) => value == default,
                None => false,
            },
        }
    }
}

impl Output {
    /// The type of an argument.
    pub(crate) fn argument(&self, name: &Name) -> Option<&Type> {
        self.arguments.get(name).map(|argument| &argument.of)
    }
}

/// The item type of a list, or the type itself.
pub(crate) fn item(of: &Type) -> &Type {
    match &of.base {
        BaseType::List(of) => of,
        BaseType::Named(_) => of,
    }
}

fn values(values: &[Positioned<InputValueDefinition>]) -> HashMap<Name, Input> {
    let value = |it: &Positioned<InputValueDefinition>| {
        let default = it.node.default_value.as_ref().map(|value| value.node.clone());
        (it.node.name.node.clone(), Input { of: it.node.ty.node.clone(), default })
    };
    values.iter().map(value).collect()
}

fn outputs(fields: &[Positioned<FieldDefinition>]) -> HashMap<Name, Output> {
    let output = |it: &Positioned<FieldDefinition>| {
        let mut of = &it.node.ty.node.base;
        let name = loop {
            match of {
                BaseType::List(inner) => of = &inner.base,
                BaseType::Named(name) => break name.clone(),
            }
        };
        let output = Output { arguments: values(&it.node.arguments), of: name };
        (it.node.name.node.clone(), output)
    };
    fields.iter().map(output).collect()
}
