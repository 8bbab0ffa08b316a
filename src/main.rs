//! The program: it prints the schema.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(tomos::graphql::Api::sdl().as_bytes())
}
