//! The player: what keys do to it, and what it looks like.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_audit::replay::screen::{Screen, Speed, Then, draw, page, text};
use guichet_audit::replay::{InMemory, Replay};
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_terminal::context::Lang;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::log::stories;

fn tape() -> InMemory {
    InMemory::recorded(stories(2))
}

fn player(tape: &InMemory, lang: Lang) -> Screen<'_> {
    let mut replay = Replay::open(tape, |_| {}).unwrap();
    let marks = [(300, "A3 处理超时"), (420, "B10 预审过久")];
    let marks: BTreeMap<_, _> = marks.map(|(at, text)| (Position(at), text.to_owned())).into();
    replay = replay.with_marks(marks);
    Screen::new(replay, lang)
}

fn press(screen: &mut Screen<'_>, code: KeyCode) -> Then {
    screen.key(KeyEvent::new(code, KeyModifiers::NONE)).unwrap()
}

fn typed(screen: &mut Screen<'_>, keys: &str) {
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            key => KeyCode::Char(key),
        };
        press(screen, code);
    }
}

fn at(screen: &Screen<'_>) -> u64 {
    screen.replay().at().0
}

#[test]
fn arrows_step_and_the_ends_are_ends() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    press(&mut screen, KeyCode::Left);
    assert_eq!(at(&screen), 0);
    press(&mut screen, KeyCode::Right);
    press(&mut screen, KeyCode::Right);
    press(&mut screen, KeyCode::Left);
    assert_eq!(at(&screen), 1);
    press(&mut screen, KeyCode::End);
    let end = screen.replay().end();
    assert_eq!(screen.replay().at(), end);
    press(&mut screen, KeyCode::Right);
    assert_eq!(screen.replay().at(), end);
    press(&mut screen, KeyCode::Home);
    assert_eq!(at(&screen), 0);
}

#[test]
fn a_day_on_is_the_end_of_the_next_day_on_which_something_happens() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "g2010-03-02\n");
    let (before, zone) = (at(&screen), screen.replay().last_zone().clone());
    let next = screen.replay().index().time(Position(before)).unwrap();
    typed(&mut screen, "]");
    let day = |at: Timestamp| zone.date(at);
    let now = screen.replay().board().now().unwrap();
    assert_eq!(day(now), day(next));
    let after = screen.replay().index().time(screen.replay().at()).unwrap();
    assert!(day(after) > day(next));
    typed(&mut screen, "[");
    assert_eq!(at(&screen), before);
    screen
        .key(KeyEvent::new(KeyCode::Right, KeyModifiers::SHIFT))
        .unwrap();
    assert!(at(&screen) > before);
}

#[test]
fn it_goes_to_a_day_a_wall_time_and_a_place() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "g120\n");
    assert_eq!(at(&screen), 120);
    typed(&mut screen, "g2010-05-14T10:00\n");
    let index = screen.replay().index();
    assert_eq!(
        screen.replay().at(),
        index.at("2010-05-14T02:00:00Z".parse().unwrap())
    );
    let before = at(&screen);
    typed(&mut screen, "gsoon\n");
    assert_eq!(at(&screen), before);
    assert!(page(&screen, 80, 24).contains("type 2010-05-14"));
}

#[test]
fn it_finds_the_records_of_a_case_a_window_and_a_text() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "cdeemed-consent-1\n");
    let of_case = |screen: &Screen<'_>| screen.replay().event().unwrap().stream.as_str().to_owned();
    assert_eq!(of_case(&screen), "case/deemed-consent-1");
    let first = at(&screen);
    typed(&mut screen, "n");
    assert!(at(&screen) > first);
    typed(&mut screen, "N");
    assert_eq!(at(&screen), first);
    typed(&mut screen, "/agency logged\n");
    assert_eq!(
        screen.replay().event().unwrap().event.kind(),
        "case.agency_logged"
    );
    press(&mut screen, KeyCode::Home);
    typed(&mut screen, "w工商\n");
    assert!(screen.replay().event().unwrap().actor.window.is_some());
    typed(&mut screen, "cno-such-case\n");
    assert!(page(&screen, 80, 24).contains("there is none in this log"));
}

#[test]
fn it_stops_at_the_next_finding_and_tells_it() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "f");
    assert_eq!(at(&screen), 301);
    typed(&mut screen, "f");
    assert_eq!(at(&screen), 421);
    typed(&mut screen, "f");
    assert!(page(&screen, 80, 24).contains("no finding further on"));
    typed(&mut screen, "F");
    assert_eq!(at(&screen), 301);
    typed(&mut screen, "g290\n ");
    assert!(screen.plays());
    for _ in 0..200 {
        screen.tick(Duration::from_millis(100)).unwrap();
    }
    assert!(!screen.plays());
    assert_eq!(at(&screen), 301);
    assert!(page(&screen, 80, 24).contains("A3"));
}

#[test]
fn it_plays_so_many_records_or_so_much_time_a_second() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "g430\n ");
    assert_eq!(screen.speed(), Speed::Events(5));
    for _ in 0..10 {
        screen.tick(Duration::from_millis(100)).unwrap();
    }
    assert_eq!(at(&screen), 435);
    typed(&mut screen, "++++");
    assert_eq!(screen.speed(), Speed::Hours(24));
    let before = screen.replay().board().now().unwrap();
    for _ in 0..20 {
        screen.tick(Duration::from_millis(100)).unwrap();
    }
    let expected = before.saturating_add_micros(2 * 86_400_000_000);
    assert_eq!(screen.replay().at(), screen.replay().index().at(expected));
    typed(&mut screen, " ");
    let paused = at(&screen);
    screen.tick(Duration::from_secs(1)).unwrap();
    assert_eq!(at(&screen), paused);
}

#[test]
fn it_ends_when_it_is_asked_to() {
    let tape = tape();
    let mut screen = player(&tape, Lang::En);
    typed(&mut screen, "?");
    assert!(page(&screen, 80, 24).contains("any key goes back"));
    assert_eq!(press(&mut screen, KeyCode::Char('q')), Then::GoOn);
    assert_eq!(press(&mut screen, KeyCode::Char('q')), Then::Quit);
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(screen.key(interrupt).unwrap(), Then::Interrupted);
}

#[test]
fn it_fits_every_screen_and_says_which_is_too_small() {
    let tape = tape();
    for lang in [Lang::En, Lang::Zh] {
        let mut screen = player(&tape, lang);
        typed(&mut screen, "g400\n");
        for (columns, rows) in [(60, 16), (80, 24), (81, 25), (110, 30), (200, 50), (400, 100)] {
            for pane in 0..3 {
                let text = page(&screen, columns, rows);
                assert_eq!(text.lines().count(), usize::from(rows), "{columns}x{rows} {pane}");
                press(&mut screen, KeyCode::Tab);
            }
        }
        assert!(page(&screen, 40, 10).contains("60×16"));
        assert_eq!(page(&screen, 0, 0), "");
    }
}

fn drawn(lang: Lang, columns: u16, rows: u16, keys: &str) -> String {
    let tape = tape();
    let mut screen = player(&tape, lang);
    typed(&mut screen, keys);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| draw(&screen, frame.area(), frame.buffer_mut()))
        .unwrap();
    text(terminal.backend().buffer())
}

#[test]
fn the_player_looks_like_this() {
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        insta::assert_snapshot!(format!("{name}_80x24"), drawn(lang, 80, 24, "f"));
        insta::assert_snapshot!(format!("{name}_200x50"), drawn(lang, 200, 50, "f"));
        insta::assert_snapshot!(format!("{name}_80x24_cases"), drawn(lang, 80, 24, "g400\n\t"));
        insta::assert_snapshot!(format!("{name}_80x24_help"), drawn(lang, 80, 24, "?"));
    }
}
