//! One slot of a day: what is due in it becomes one group of commands, and what comes of them is taken in.

use std::collections::BTreeSet;

use guichet::Answer;
use guichet::core::case::Command;
use guichet::core::id::CaseId;
use guichet::core::time::{Date, Timestamp};

use super::super::habits::Intent;
use super::super::stories::Line;
use super::super::turns::{Move, taken_up};
use super::{
    About, Asked, Centre, OFFSET, REFUSALS_MAX, Task, amended, closed_on, command_id, director, passed,
    unnameable,
};
use crate::context::Failure;
use crate::told::Told as _;

impl Centre {
    /// One slot: what is due before its end becomes one group of commands, recorded at its end.
    pub(super) async fn slot(&mut self, day: Date, from: Timestamp, to: Timestamp) -> Result<(), Failure> {
        let rest = self.agenda.split_off(&(to, 0));
        let due = std::mem::replace(&mut self.agenda, rest);
        let mut busy = BTreeSet::new();
        let mut group = Vec::new();
        for ((planned, _), task) in due {
            // What was left over from a day on which the counter stayed closed happens now.
            let at = if planned.date_at(OFFSET) < day {
                from
            } else {
                planned
            };
            match task {
                Task::Arrive(item, way) => {
                    let asked = self.arrive(item, way, day, at)?;
                    busy.insert(asked.command.case.clone());
                    group.push(asked);
                }
                Task::Mean(case, intent) => {
                    if let Some(open) = self.open.get_mut(&case) {
                        open.waiting = open.waiting.saturating_sub(1);
                    }
                    // One command a slot and case: the next one is given when the answer is known.
                    if busy.contains(&case) {
                        self.mean(to, &case, intent);
                    } else if let Some(asked) = self.take_up(&case, intent, day, at)? {
                        busy.insert(case);
                        group.push(asked);
                    }
                }
                Task::Tell(line) => {
                    if let Some(asked) = self.tell(*line, from).await? {
                        group.push(asked);
                    }
                }
            }
        }
        self.clock.turn_to(to);
        self.settle(group).await
    }

    /// An intention becomes a command, waits, or is dropped.
    fn take_up(
        &mut self,
        case: &CaseId,
        intent: Intent,
        day: Date,
        at: Timestamp,
    ) -> Result<Option<Asked>, Failure> {
        let Some(open) = self.open.get_mut(case) else {
            return Ok(None);
        };
        let stamp = format!("{:06}", self.commands + 1);
        match taken_up(open, &intent, &self.desk, day, &stamp).map_err(unnameable)? {
            Move::Ask(actor, ask) => {
                self.commands += 1;
                let mut command = Command::new(command_id(self.commands)?, case.clone(), actor, ask);
                command.occurred_at = Some(at);
                Ok(Some(Asked {
                    command,
                    about: About::Case,
                    at,
                }))
            }
            Move::Later(minutes) => {
                let later = self.hours.after(at, minutes.max(1));
                self.mean_in_time(later, case, intent, at);
                Ok(None)
            }
            Move::Drop => {
                self.let_go(case);
                Ok(None)
            }
        }
    }

    /// A line of a story: a command as it is written, or something that is published.
    async fn tell(&mut self, line: Line, from: Timestamp) -> Result<Option<Asked>, Failure> {
        if let Some(mut command) = line.command {
            command.occurred_at = command.occurred_at.or(Some(line.at));
            return Ok(Some(Asked {
                command,
                about: About::Story(line.rejected),
                at: line.at,
            }));
        }
        let catalogue = if let Some(name) = line.publish {
            amended(&name)?
        } else if let Some(day) = line.close {
            closed_on(day)?
        } else {
            return Ok(None);
        };
        self.clock.turn_to(from.max(line.at));
        self.engine
            .publish_catalogue(&catalogue, &director()?)
            .await
            .told()?;
        self.look_around();
        Ok(None)
    }

    /// Hands a group in, and sees what came of it.
    async fn settle(&mut self, group: Vec<Asked>) -> Result<(), Failure> {
        let Some(share) = u32::try_from(group.len())
            .ok()
            .and_then(|parts| self.takes.checked_div(parts))
        else {
            passed(self.takes).await;
            return Ok(());
        };
        let (commands, asked): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|asked| {
                let name = asked.command.ask.name();
                let case = asked.command.case.clone();
                (asked.command, (case, name, asked.about, asked.at))
            })
            .unzip();
        let answers = if share.is_zero() {
            self.engine.handle_all(commands).await
        } else {
            // One after another, for those who watch. The clock stands where it stands, so the records are the same.
            let mut answers = Vec::with_capacity(commands.len());
            for command in commands {
                passed(share).await;
                answers.extend(self.engine.handle_all(vec![command]).await);
            }
            answers
        };
        for (answer, (case, name, about, at)) in answers.into_iter().zip(asked) {
            match (answer.told()?, about) {
                (Answer::Accepted(accepted), About::Case) => {
                    self.recorded_on = accepted.recorded_at.date_at(OFFSET);
                    self.happened(&case, &accepted.events, at);
                }
                (Answer::Accepted(accepted), About::Story(wanted)) => {
                    self.recorded_on = accepted.recorded_at.date_at(OFFSET);
                    for event in &accepted.events {
                        self.tally.count(event);
                    }
                    if let Some(wanted) = wanted {
                        self.refuse(format!("{case}: {name} should have been refused as {wanted}"));
                    }
                }
                (Answer::Rejected(rejection), About::Story(Some(wanted))) if rejection.code() == wanted => {
                    self.tally.refused_as_told += 1;
                }
                (Answer::Rejected(rejection), About::Case | About::Story(_)) => {
                    self.refuse(format!("{case}: expected to {name}, but {rejection}"));
                    self.let_go(&case);
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, text: String) {
        self.tally.refused += 1;
        if self.refusals.len() < REFUSALS_MAX {
            self.refusals.push(text);
        }
    }
}
