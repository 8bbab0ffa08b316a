//! The body of a page: its blocks, with the blocks within.

use super::client::Client;
use super::fault::Fault;
use super::list;
use crate::import::notion::body::Block;
use crate::import::notion::value::Members;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// Deeper than anybody nests by hand; what claims to be deeper is a circle.
const DEEPEST: usize = 40;

/// The blocks of a page. What cannot be read is left out, and said.
pub(super) async fn body(
    client: &Client,
    page: &str,
    problems: &mut Vec<String>,
) -> Result<Vec<Block>, Fault> {
    within(client, page.to_owned(), DEEPEST, problems).await
}

fn within<'a>(
    client: &'a Client,
    id: String,
    levels: usize,
    problems: &'a mut Vec<String>,
) -> BoxFuture<'a, Result<Vec<Block>, Fault>> {
    async move {
        let path = format!("/v1/blocks/{id}/children");
        let found = match list::whole(client, &path).await {
            Err(fault) if fault.is_of_one_record() => {
                problems.push(format!("what stands in the block {id} could not be read: {fault}"));
                Vec::new()
            }
            found => found?,
        };
        let mut blocks = Vec::with_capacity(found.len());
        for block in found {
            let members = Members::of(&block);
            // These are pages of their own.
            let kind = members.text("type").unwrap_or_default();
            let is_apart = matches!(kind.as_str(), "child_page" | "child_database");
            let inner = members.text("id").filter(|_| members.is_true("has_children") && !is_apart);
            let children = match inner {
                Some(inner) if levels > 0 => within(client, inner, levels - 1, problems).await?,
                Some(inner) => {
                    problems.push(format!("the block {inner} stands too deep and was not read"));
                    Vec::new()
                }
                None => Vec::new(),
            };
            blocks.push(Block { block, children });
        }
        Ok(blocks)
    }
    .boxed()
}
