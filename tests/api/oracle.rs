//! The oracle: a naive evaluator over plain structs answers random filters, orders and pages, and the
//! service must say the same.
//!
//! `TOMOS_ORACLE_SEED=n` asks again what the world of a seed that failed was asked; `TOMOS_FULL=1` asks
//! in many more worlds.

mod case;
mod coverage;
mod days;
mod fields;
mod filter;
mod notion;
mod order;
mod page;
mod random;
mod search;
mod shrink;
mod stats;
mod text;
pub(crate) mod world;

use crate::app::App;
use case::Case;
use world::{Dice, World, ZONES};

/// The seeds of the worlds, and how many questions are asked in each.
fn seeds() -> (std::ops::Range<u64>, u64) {
    let first = 20_260_120;
    let given = std::env::var_os("TOMOS_ORACLE_SEED");
    let given: Option<u64> = given.map(|seed| seed.to_str().unwrap().parse().unwrap());
    match given {
        Some(seed) => (seed..seed + 1, 100),
        None if std::env::var_os("TOMOS_FULL").is_some() => (first..first + 100, 100),
        None => (first..first + 4, 30),
    }
}

/// The world of a seed, written into the database, and its now set.
async fn enter(app: &App, seed: u64) -> World {
    let world = World::new(&mut Dice(seed));
    app.clock.set(world.now);
    app.sql(&world.sql()).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_answers_random_questions_as_the_oracle_does() {
    let app = App::new();
    let (seeds, cases) = seeds();
    for seed in seeds {
        let world = enter(&app, seed).await;
        for number in 0..cases {
            let mut dice = Dice(seed.wrapping_mul(1_000_003).wrapping_add(number));
            let case = Case::roll(&world, &mut dice);
            let pages = dice.roll();
            if let Err(mismatch) = case.check(&app, &world, Dice(pages)).await {
                let (case, mismatch) = shrink::shrink(case, mismatch, &app, &world, pages).await;
                let again = format!("TOMOS_ORACLE_SEED={seed}, question {number}");
                panic!("{again}, at {}\n{case}\n{}", world.now, mismatch.0);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_computes_fields_as_the_oracle_does() {
    let app = App::new();
    let (seeds, _) = seeds();
    for seed in seeds {
        eprintln!("TOMOS_ORACLE_SEED={seed}");
        let world = enter(&app, seed).await;
        for zone in ZONES {
            fields::check(&app, &world, zone).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_counts_as_the_oracle_does() {
    let app = App::new();
    let (seeds, cases) = seeds();
    for seed in seeds {
        let world = enter(&app, seed).await;
        for number in 0..cases / 3 {
            eprintln!("TOMOS_ORACLE_SEED={seed}, count {number}");
            stats::check(
                &app,
                &world,
                &mut Dice(seed.wrapping_mul(7_368_787).wrapping_add(number)),
            )
            .await;
        }
    }
}
