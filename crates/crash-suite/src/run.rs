//! One run: births, lives and deaths, the silence at the end, and the verdict.

mod births;
mod report;
mod second;
mod world;

use std::path::PathBuf;

use tempfile::TempDir;
use whatsapp_simulator::Simulator;

pub(crate) use self::report::Report;
use self::world::World;
use crate::{
    Mistake, company,
    database::{Databases, Kind},
    life::Setting,
    plan::{self, Dice},
    verdict::{self, Seen},
    witness,
};

/// What is asked for.
pub(crate) struct Order {
    pub(crate) server: PathBuf,
    pub(crate) kills: u32,
    pub(crate) seed: u64,
    pub(crate) database: Kind,
    pub(crate) speed: u32,
    /// How many processes serve at once.
    pub(crate) replicas: u32,
    pub(crate) mistake: Option<Mistake>,
}

/// Runs, and gives what came of it. An error is an invalid run.
pub(crate) async fn run(order: &Order) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    for name in company::SECRETS {
        std::fs::write(folder.path().join(name), format!("the {name}\n"))?;
    }
    std::fs::write(
        folder.path().join("company.toml"),
        company::manifest(folder.path()),
    )?;
    let mut dice = Dice::seeded(order.seed);
    let simulator = Simulator::start(company::simulator(dice.seed()), "127.0.0.1:0".parse()?)?;
    let server = std::path::absolute(&order.server)?;
    let setting = Setting {
        server: &server,
        folder: folder.path(),
        database_url: String::new(),
        graph_url: simulator.graph_url(),
        clock: format!("{}:{}", simulator.now_ms(), order.speed),
        mistake: order.mistake.map(Mistake::name),
    };
    let mut report = Report::default();
    let forgetful = order.mistake == Some(Mistake::TrustUnsafeDurability);
    let databases = Databases::new(order.database, folder.path(), forgetful);
    let database = births::births(&setting, order.database, &databases, &mut report).await?;
    let setting = Setting {
        database_url: database.url(),
        ..setting
    };
    let ends = if order.mistake.is_some() {
        plan::ends_for_control(order.kills, forgetful, &mut dice)
    } else {
        plan::ends(order.kills, order.database, &mut dice)
    };
    let mut world = World::new(simulator, &database, dice, order)?;
    for end in ends {
        world.breathe(&setting, &mut report).await?;
        world.live(&setting, &end, &mut report).await?;
    }
    world.fall_silent(&setting, &mut report).await?;
    let books = database.books().await?;
    let phones = world.traffic.people.iter();
    let phones = phones.map(|person| (person.id.as_str(), witness::phone(&world.simulator, &person.id)));
    let seen = Seen {
        people: &world.traffic.people,
        calls: world.witness.calls().collect(),
        sent: world.witness.sent().collect(),
        phones: phones.collect(),
        deaths: &world.deaths,
        books: &books,
    };
    report.conclude(verdict::judge(&seen), order);
    if report.must_be_kept(order) {
        report.kept_in = std::iter::once(folder.keep()).chain(database.keep()).collect();
    }
    Ok(report)
}
