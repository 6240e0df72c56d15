//! Clients who write, and what each of them is due.

use whatsapp_simulator::{ClientMessage, PhoneClient, Simulator};

use crate::{
    company::{self, PRIMARY, SECONDARIES},
    plan::Dice,
};

/// What a client is after. Each client is after one thing, so that what they are due does not depend on the order in
/// which their webhooks arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Scans the code of a user this often, and may then talk in the room.
    Reach { user: usize, scans: u64 },
    /// Writes words without an extension, this often.
    Chat { words: u64 },
    /// Writes an extension that nobody has.
    Guess,
    /// Writes to a number of the conversations without having a room there.
    Stray,
}

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The phone's digits.
    pub(crate) id: String,
    /// What businesses know them by.
    pub(crate) bsuid: String,
    pub(crate) wish: Wish,
    /// The ids of the messages to the primary, or of the stray one.
    pub(crate) asked: Vec<String>,
    /// The ids of the messages in the room.
    pub(crate) talked: Vec<String>,
}

/// All clients.
pub(crate) struct Traffic {
    simulator: Simulator,
    dice: Dice,
    pub(crate) people: Vec<Person>,
    /// Those who were invited, with the number that invited them.
    pub(crate) invited: Vec<(usize, &'static str)>,
}

impl Traffic {
    pub(crate) fn new(simulator: Simulator, seed: u64) -> Self {
        Self {
            simulator,
            dice: Dice::seeded(seed),
            people: Vec::new(),
            invited: Vec::new(),
        }
    }

    /// One more client does something.
    pub(crate) fn go_on(&mut self) -> anyhow::Result<()> {
        if !self.invited.is_empty() && self.dice.one_in(4) {
            return self.talk();
        }
        let user = self.dice.below(company::USERS);
        let wish = match self.dice.below(10) {
            0..=3 => Wish::Reach { user, scans: 1 },
            4 | 5 => Wish::Reach { user, scans: 2 },
            6 | 7 => Wish::Chat {
                words: 1 + u64::from(self.dice.one_in(2)),
            },
            8 => Wish::Guess,
            _ => Wish::Stray,
        };
        self.arrive(wish)
    }

    fn arrive(&mut self, wish: Wish) -> anyhow::Result<()> {
        let nth = self.people.len();
        let bsuid = format!("GB.{}", 1_000_000_000 + nth);
        let id = self.simulator.add_client(PhoneClient {
            name: format!("Client {nth}"),
            phone: Some(format!("4477{nth:08}")),
            bsuid: bsuid.clone(),
            username: None,
        })?;
        let (to, text, times) = match wish {
            Wish::Reach { user, scans } => (PRIMARY, company::extension(user), scans),
            Wish::Chat { words } => (PRIMARY, "Good morning, is somebody there?".to_owned(), words),
            Wish::Guess => (PRIMARY, "#nobodyatall".to_owned(), 1),
            Wish::Stray => (
                SECONDARIES[self.dice.below(SECONDARIES.len())],
                "Hello?".to_owned(),
                1,
            ),
        };
        let mut asked = Vec::new();
        for _ in 0..times {
            let copies = if self.dice.one_in(5) { 2 } else { 1 };
            let message = ClientMessage::text(to, text.as_str()).copies(copies);
            asked.push(self.simulator.client_sends(&id, message)?);
        }
        self.people.push(Person {
            id,
            bsuid,
            wish,
            asked,
            talked: Vec::new(),
        });
        Ok(())
    }

    fn talk(&mut self) -> anyhow::Result<()> {
        let (person, account) = self.invited[self.dice.below(self.invited.len())];
        let person = &mut self.people[person];
        let words = format!("Word {} in the room", person.talked.len());
        let message = ClientMessage::text(account, words);
        person
            .talked
            .push(self.simulator.client_sends(&person.id, message)?);
        Ok(())
    }
}
