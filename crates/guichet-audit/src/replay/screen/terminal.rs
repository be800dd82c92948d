//! The player at a terminal: keys in, pictures out, and the terminal as it was when it ends.

use std::time::{Duration, Instant};

use guichet_terminal::context::{Exit, Failure};
use ratatui::crossterm::event::{self, Event};

use super::{Screen, Then, draw};

/// Pictures are this far apart while it plays.
const FRAME: Duration = Duration::from_millis(33);

/// While nothing moves, this long is waited for a key.
const REST: Duration = Duration::from_secs(3600);

/// Plays until somebody quits.
///
/// # Errors
///
/// [`Failure`] when there is no terminal, a record cannot be read, or it was interrupted.
pub(crate) fn play(mut screen: Screen<'_>) -> Result<Exit, Failure> {
    // From here on a panic restores the terminal before it is told.
    let mut terminal = ratatui::try_init().map_err(|error| {
        Failure::store("no_terminal", "the terminal cannot be used for the player")
            .because(error.to_string())
            .help("ask for one moment instead: replay --at MOMENT, with --json for programs")
            .zh(
                "终端无法用于播放器",
                Some("请改用 replay --at 时点，程序可加 --json"),
            )
    })?;
    let played = run(&mut terminal, &mut screen);
    ratatui::restore();
    match played? {
        Then::GoOn | Then::Quit => Ok(Exit::Ok),
        Then::Interrupted => Err(Failure::interrupted("the replay was interrupted").zh("回放已中断", None)),
    }
}

fn run(terminal: &mut ratatui::DefaultTerminal, screen: &mut Screen<'_>) -> Result<Then, Failure> {
    let lost = |error: std::io::Error| {
        Failure::store("terminal_lost", "the terminal cannot be read or written")
            .because(error.to_string())
            .zh("无法读写终端", None)
    };
    let mut before = Instant::now();
    loop {
        terminal
            .draw(|frame| draw(screen, frame.area(), frame.buffer_mut()))
            .map_err(lost)?;
        let wait = if screen.plays() {
            FRAME.saturating_sub(before.elapsed())
        } else {
            REST
        };
        // What is typed while a picture is drawn is taken at once.
        let mut more = event::poll(wait).map_err(lost)?;
        while more {
            if let Event::Key(key) = event::read().map_err(lost)? {
                let played = screen.plays();
                match screen.key(key)? {
                    Then::GoOn => {}
                    then @ (Then::Quit | Then::Interrupted) => return Ok(then),
                }
                if !played {
                    before = Instant::now();
                }
            }
            more = event::poll(Duration::ZERO).map_err(lost)?;
        }
        if screen.plays() && before.elapsed() >= FRAME {
            screen.tick(before.elapsed())?;
            before = Instant::now();
        }
    }
}
