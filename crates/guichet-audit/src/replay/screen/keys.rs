//! What each key does.

use std::str::FromStr;

use guichet_core::id::{CaseId, DepartmentId, Position, WindowId};
use guichet_terminal::context::Failure;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{Asks, Pane, Prompt, SPEEDS, Screen, Sought, Then};
use crate::as_of::Moment;
use crate::replay::{Direction, Wanted};

/// The longest answer that a question takes.
const ANSWER_CHARS_MAX: usize = 128;

impl Screen<'_> {
    /// Does what a key asks for.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    pub fn key(&mut self, key: KeyEvent) -> Result<Then, Failure> {
        if key.kind == KeyEventKind::Release {
            return Ok(Then::GoOn);
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return Ok(if key.code == KeyCode::Char('c') {
                Then::Interrupted
            } else {
                Then::GoOn
            });
        }
        self.said = None;
        if self.help {
            self.help = false;
            return Ok(Then::GoOn);
        }
        if let Some(prompt) = self.prompt.take() {
            self.answer(prompt, key.code)?;
            return Ok(Then::GoOn);
        }
        self.command(key)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a keyboard has more keys than the player: the others do nothing"
    )]
    fn command(&mut self, key: KeyEvent) -> Result<Then, Failure> {
        let by_day = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Char('q') => return Ok(Then::Quit),
            KeyCode::Char('?') => self.help = true,
            KeyCode::Char(' ') => {
                if self.replay.at() >= self.replay.end() && !self.playing {
                    self.go_to(Position::START)?;
                }
                self.playing = !self.playing;
            }
            KeyCode::Right if by_day => self.day(Direction::Forward)?,
            KeyCode::Left if by_day => self.day(Direction::Back)?,
            KeyCode::Char(']') => self.day(Direction::Forward)?,
            KeyCode::Char('[') => self.day(Direction::Back)?,
            KeyCode::Right => self.step(1)?,
            KeyCode::Left => self.step(-1)?,
            KeyCode::Home => self.go_to(Position::START)?,
            KeyCode::End => self.go_to(self.replay.end())?,
            KeyCode::Char('+' | '=') => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            KeyCode::Char('-' | '_') => self.speed = self.speed.saturating_sub(1),
            KeyCode::Char('f') => self.mark(Direction::Forward)?,
            KeyCode::Char('F') => self.mark(Direction::Back)?,
            KeyCode::Char('n') => self.seek(Direction::Forward)?,
            KeyCode::Char('N') => self.seek(Direction::Back)?,
            KeyCode::Char('g') => self.ask(Asks::Place),
            KeyCode::Char('c') => self.ask(Asks::Case),
            KeyCode::Char('d') => self.ask(Asks::Department),
            KeyCode::Char('w') => self.ask(Asks::Window),
            KeyCode::Char('/') => self.ask(Asks::Search),
            KeyCode::Tab => {
                self.scroll = 0;
                self.pane = match self.pane {
                    Pane::Windows => Pane::Departments,
                    Pane::Departments => Pane::Cases,
                    Pane::Cases => Pane::Windows,
                };
            }
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down => self.scroll = (self.scroll + 1).min(self.rows().saturating_sub(1)),
            _ => {}
        }
        Ok(Then::GoOn)
    }

    fn rows(&self) -> usize {
        match self.pane {
            Pane::Windows => self.view.windows.len(),
            Pane::Departments => self.view.departments.len(),
            Pane::Cases => self.view.cases.len(),
        }
    }

    fn ask(&mut self, asks: Asks) {
        self.playing = false;
        self.prompt = Some(Prompt {
            asks,
            text: String::new(),
        });
    }

    /// Takes a key into an answer that is being typed.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a keyboard has more keys than an answer: the others do nothing"
    )]
    fn answer(&mut self, mut prompt: Prompt, key: KeyCode) -> Result<(), Failure> {
        match key {
            KeyCode::Esc => return Ok(()),
            KeyCode::Enter => return self.answered(&prompt),
            KeyCode::Backspace if prompt.text.is_empty() => return Ok(()),
            KeyCode::Backspace => drop(prompt.text.pop()),
            KeyCode::Char(char) if prompt.text.chars().count() < ANSWER_CHARS_MAX => prompt.text.push(char),
            _ => {}
        }
        self.prompt = Some(prompt);
        Ok(())
    }

    fn answered(&mut self, prompt: &Prompt) -> Result<(), Failure> {
        let text = prompt.text.trim();
        let sought = match prompt.asks {
            Asks::Place => return self.go(text),
            Asks::Search if text.is_empty() => return Ok(()),
            Asks::Search => Some(Sought::Text(text.to_owned())),
            Asks::Case => {
                let named = pick(text, self.replay.index().cases(), CaseId::as_str);
                named
                    .or_else(|| self.case().filter(|_| text.is_empty()))
                    .map(Wanted::Case)
                    .map(Sought::Wanted)
            }
            Asks::Department => {
                let directory = self.replay.newest();
                let named = |id: &DepartmentId| {
                    let names = directory.departments.get(id).map(|known| &known.name);
                    names.is_some_and(|names| names.zh.contains(text) || contains(&names.en, text))
                };
                let index = self.replay.index();
                let found = pick(text, index.departments(), DepartmentId::as_str).or_else(|| {
                    index
                        .departments()
                        .find(|id| !text.is_empty() && named(id))
                        .cloned()
                });
                let here = self
                    .replay
                    .event()
                    .and_then(|recorded| recorded.actor.department.clone());
                let here = here.or_else(|| {
                    Some(
                        self.replay
                            .board()
                            .case(self.case()?.as_str())?
                            .department()
                            .clone(),
                    )
                });
                found
                    .or(here.filter(|_| text.is_empty()))
                    .map(Wanted::Department)
                    .map(Sought::Wanted)
            }
            Asks::Window => {
                let directory = self.replay.newest();
                let named = |id: &WindowId| {
                    let names = directory.windows.get(id).map(|known| &known.name);
                    names.is_some_and(|names| names.zh.contains(text) || contains(&names.en, text))
                };
                let index = self.replay.index();
                let found = pick(text, index.windows(), WindowId::as_str)
                    .or_else(|| index.windows().find(|id| !text.is_empty() && named(id)).cloned());
                let here = self
                    .replay
                    .event()
                    .and_then(|recorded| recorded.actor.window.clone());
                let here =
                    here.or_else(|| self.replay.board().case(self.case()?.as_str())?.window().cloned());
                found
                    .or(here.filter(|_| text.is_empty()))
                    .map(Wanted::Window)
                    .map(Sought::Wanted)
            }
        };
        if sought.is_none() {
            self.say("日志中没有", "there is none in this log");
            return Ok(());
        }
        self.sought = sought;
        self.seek(Direction::Forward)?;
        if self.said.is_some() {
            // Nothing further on: what was asked for by name lies before.
            self.said = None;
            self.seek(Direction::Back)?;
        }
        Ok(())
    }

    /// Goes to a time or a place.
    fn go(&mut self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        let moment = u64::from_str(text)
            .map(|place| Moment::Position(Position(place)))
            .or_else(|_| text.parse());
        let Ok(moment) = moment else {
            self.say(
                "请输入 2010-05-14、2010-05-14T10:00 或位置 120",
                "type 2010-05-14, 2010-05-14T10:00 or a place such as 120",
            );
            return Ok(());
        };
        let (place, now) = crate::replay::command::place(&self.replay, moment);
        self.go_to(place)?;
        self.clock = now;
        self.look();
        Ok(())
    }
}

fn contains(name: &str, text: &str) -> bool {
    name.to_lowercase().contains(&text.to_lowercase())
}

/// The name that reads like the text, or else the first that begins with it, or else that holds it.
fn pick<'i, T: Clone + 'i>(
    text: &str,
    names: impl Iterator<Item = &'i T> + Clone,
    as_str: fn(&T) -> &str,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let mut found = names.clone().filter(|name| as_str(name) == text);
    let mut begins = names.clone().filter(|name| as_str(name).starts_with(text));
    let mut holds = names.filter(|name| contains(as_str(name), text));
    found
        .next()
        .or_else(|| begins.next())
        .or_else(|| holds.next())
        .cloned()
}
