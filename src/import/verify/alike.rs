//! Whether one record that is here is as the source has it; said by the values that are compared of all.

use super::here::{ProjectRow, TagRow};
use super::values::{self, Guess, TaskRow, Values};
use crate::import::image::Image;
use crate::import::snapshot::{Project, Tag, Task};
use chrono_tz::Tz;

/// Whether they are the same but for when they were edited, which says nothing of what.
fn are_same(should: &Values, is: &Values) -> bool {
    let mut sides = should.iter().zip(is);
    sides.all(|((field, should), (_, is))| *field == "updated_at" || should == is)
}

/// Whether a project is as the source has it.
pub(in crate::import) fn is_project_alike(project: &Project, image: &Image) -> bool {
    let Image::Project(image) = image else {
        return false;
    };
    are_same(&values::of_project(project), &values::of_project_row(&ProjectRow::from(image)))
}

/// Whether a tag is.
pub(in crate::import) fn is_tag_alike(tag: &Tag, image: &Image) -> bool {
    let Image::Tag(image) = image else {
        return false;
    };
    are_same(&values::of_tag(tag), &values::of_tag_row(&TagRow::from(image)))
}

/// Whether a task is, but for its links.
pub(in crate::import) fn is_task_alike(task: &Task, zone: Tz, image: &Image) -> bool {
    let Image::Task(image) = image else {
        return false;
    };
    let (mut should, is) = (values::of_task(task, zone), TaskRow::from(image).values());
    // When it was done is known to the one side that says it.
    values::guessed(task, &mut should, &is, Guess::Any);
    are_same(&should, &is)
}
