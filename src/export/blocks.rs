//! The body of a page: its blocks, with the blocks within.

use super::client::Client;
use super::fault::Fault;
use super::list;
use crate::import::notion::body::Block;
use crate::import::notion::value::Members;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::value::RawValue;

/// Deeper than anybody nests by hand; what claims to be deeper is a circle.
const DEEPEST: usize = 40;

/// How many blocks of one place are looked into at once.
const AT_ONCE: usize = 8;

/// Blocks, and what could not be read of them.
type Found = (Vec<Block>, Vec<String>);

/// The blocks of a page. What cannot be read is left out, and said.
pub(super) async fn body(
    client: &Client,
    page: &str,
    problems: &mut Vec<String>,
) -> Result<Vec<Block>, Fault> {
    let (blocks, said) = within(client, page.to_owned(), DEEPEST).await?;
    problems.extend(said);
    Ok(blocks)
}

fn within(client: &Client, id: String, levels: usize) -> BoxFuture<'_, Result<Found, Fault>> {
    async move {
        let path = format!("/v1/blocks/{id}/children");
        let found = match list::whole(client, &path).await {
            Err(fault) if fault.is_of_one_record() => {
                let said = format!("what stands in the block {id} could not be read: {fault}");
                return Ok((Vec::new(), vec![said]));
            }
            found => found?,
        };
        let mut blocks = Vec::with_capacity(found.len());
        let mut problems = Vec::new();
        let whole = found.into_iter().map(|block| with_children(client, block, levels));
        let mut whole = stream::iter(whole).buffered(AT_ONCE);
        while let Some(one) = whole.next().await {
            let (block, said) = one?;
            blocks.push(block);
            problems.extend(said);
        }
        Ok((blocks, problems))
    }
    .boxed()
}

/// A block with the blocks within.
async fn with_children(
    client: &Client,
    block: Box<RawValue>,
    levels: usize,
) -> Result<(Block, Vec<String>), Fault> {
    let members = Members::of(&block);
    // These are pages of their own.
    let kind = members.text("type").unwrap_or_default();
    let is_apart = matches!(kind.as_str(), "child_page" | "child_database");
    let inner = members.text("id").filter(|_| members.is_true("has_children") && !is_apart);
    let (children, problems) = match inner {
        Some(inner) if levels > 0 => within(client, inner, levels - 1).await?,
        Some(inner) => {
            (Vec::new(), vec![format!("the block {inner} stands too deep and was not read")])
        }
        None => Found::default(),
    };
    Ok((Block { block, children }, problems))
}
