//! The words that are understood in Notion's options, trimmed and without case.
//!
//! They are fewer than those of sources with tables: another option is reported, or decided by its group.

use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};

pub(super) fn task_status(word: &str) -> Option<TaskStatus> {
    Some(match word.trim().to_lowercase().as_str() {
        "inbox" => TaskStatus::Inbox,
        "to do" | "todo" | "to-do" | "not started" => TaskStatus::Todo,
        "in progress" | "in-progress" => TaskStatus::InProgress,
        "blocked" => TaskStatus::Blocked,
        "done" | "complete" | "completed" => TaskStatus::Done,
        "cancelled" | "canceled" => TaskStatus::Cancelled,
        _ => return None,
    })
}

pub(super) fn project_status(word: &str) -> Option<ProjectStatus> {
    Some(match word.trim().to_lowercase().as_str() {
        "active" => ProjectStatus::Active,
        "completed" => ProjectStatus::Completed,
        "archived" => ProjectStatus::Archived,
        _ => return None,
    })
}

pub(super) fn priority(word: &str) -> Option<TaskPriority> {
    Some(match word.trim().to_lowercase().as_str() {
        "urgent" => TaskPriority::Urgent,
        "important" | "high" => TaskPriority::High,
        "medium" => TaskPriority::Medium,
        "someday" | "low" => TaskPriority::Low,
        _ => return None,
    })
}

pub(super) fn energy(word: &str) -> Option<EnergyLevel> {
    Some(match word.trim().to_lowercase().as_str() {
        "low" => EnergyLevel::Low,
        "medium" => EnergyLevel::Medium,
        "high" => EnergyLevel::High,
        _ => return None,
    })
}

pub(super) fn time_estimate(word: &str) -> Option<TimeEstimate> {
    Some(match word.trim().to_lowercase().as_str() {
        "quick" => TimeEstimate::Quick,
        "short" => TimeEstimate::Short,
        "long" => TimeEstimate::Long,
        _ => return None,
    })
}
