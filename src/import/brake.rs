//! How an import on its way is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pressed once, and seen by whoever holds a copy.
#[derive(Clone, Debug, Default)]
pub struct Brake(Arc<AtomicBool>);

impl Brake {
    /// Asks for the end, as soon as nothing is left half done.
    pub fn press(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
