//! What a database says of its properties, asked for beside its pages.

use super::client::Client;
use super::fault::Fault;
use super::version::Version;
use crate::import::notion::Property;
use serde_json::value::RawValue;

/// The properties of a database; none where Notion does not tell: the pages can be read without.
pub(super) async fn of(
    client: &Client,
    version: Version,
    id: &str,
) -> Result<Vec<Property>, Fault> {
    let answer = match client.get(&format!("{}/{id}", version.path())).await {
        Err(fault) if fault.is_of_one_record() => return Ok(Vec::new()),
        answer => answer?,
    };
    let object: &RawValue =
        serde_json::from_str(&answer).map_err(|error| Fault::Strange(error.to_string()))?;
    Ok(Property::all(object))
}
