//! The laws of the replay, over the stories of the demo centre.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod log;
mod player;

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_audit::replay::{Board, BoardView, Direction, InMemory, Order, Replay, Views, Wanted};
use guichet_core::calendar::Calendar;
use guichet_core::case::{CaseState, evolve};
use guichet_core::id::{CaseId, Position, Version};
use guichet_core::light::case_light;
use guichet_core::reference::ReferenceEvent;
use guichet_core::time::Timestamp;
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use proptest::collection::vec;
use proptest::prelude::*;

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

fn folded(records: &[Recorded], place: usize) -> Board {
    let mut board = Board::new(Order::Recorded);
    for recorded in &records[..place] {
        board.apply(recorded);
    }
    board
}

fn opened(tape: &InMemory, apart: u64, bytes_max: usize) -> Replay<'_> {
    Replay::with_bounds(tape, apart, bytes_max, |_| {}).unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Jump {
    To(u16),
    Step(i8),
    Case(u8, bool),
    Window(u8, bool),
    Mark(bool),
    Time(u16),
}

fn jumps() -> impl Strategy<Value = Vec<Jump>> {
    let jump = prop_oneof![
        any::<u16>().prop_map(Jump::To),
        any::<i8>().prop_map(Jump::Step),
        (any::<u8>(), any::<bool>()).prop_map(|(case, on)| Jump::Case(case, on)),
        (any::<u8>(), any::<bool>()).prop_map(|(window, on)| Jump::Window(window, on)),
        any::<bool>().prop_map(Jump::Mark),
        any::<u16>().prop_map(Jump::Time),
    ];
    vec(jump, 1..12)
}

const fn way(on: bool) -> Direction {
    if on { Direction::Forward } else { Direction::Back }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn after_any_jumps_the_board_is_the_fold_from_the_start(
        jumps in jumps(),
        apart in 1_u64..300,
        tight in any::<bool>(),
    ) {
        let records = log::stories(2);
        let tape = InMemory::recorded(records.clone());
        let marks = (0..records.len() as u64).step_by(97).map(|at| (Position(at), "found".to_owned()));
        let mut replay = opened(&tape, apart, if tight { 100_000 } else { usize::MAX }).with_marks(marks.collect());
        let end = records.len();
        for jump in jumps {
            match jump {
                Jump::To(place) => { replay.go_to(Position(u64::from(place) % (end as u64 + 20))).unwrap(); }
                Jump::Step(by) => { replay.step(i64::from(by)).unwrap(); }
                Jump::Case(case, on) => {
                    let cases: Vec<_> = replay.index().cases().cloned().collect();
                    let case = cases[usize::from(case) % cases.len()].clone();
                    replay.go_to_wanted(&Wanted::Case(case), way(on)).unwrap();
                }
                Jump::Window(window, on) => {
                    let windows: Vec<_> = replay.index().windows().cloned().collect();
                    let window = windows[usize::from(window) % windows.len()].clone();
                    replay.go_to_wanted(&Wanted::Window(window), way(on)).unwrap();
                }
                Jump::Mark(on) => { replay.go_to_mark(way(on)).unwrap(); }
                Jump::Time(place) => {
                    let at = records[usize::from(place) % end].recorded_at;
                    replay.go_to_time(at).unwrap();
                }
            }
            let at = usize::try_from(replay.at().0).unwrap();
            prop_assert!(*replay.board() == folded(&records, at), "at {at} after {jump:?}");
            prop_assert_eq!(replay.event(), at.checked_sub(1).map(|under| &records[under]));
        }
    }

    #[test]
    fn a_view_after_others_is_the_view_made_anew(
        looks in vec((any::<u16>(), 0_u8..40, 0_i64..40), 1..10),
    ) {
        let records = log::stories(2);
        let mut views = Views::default();
        for (place, steps, days) in looks {
            let place = usize::from(place) % (records.len() - usize::from(steps));
            let mut board = folded(&records, place);
            for recorded in &records[place..place + usize::from(steps)] {
                board.apply(recorded);
                let moment = board.now().map(|now| now.saturating_add_micros(days * DAY_MICROS));
                let end = Position(records.len() as u64);
                prop_assert_eq!(views.next(&board, end, moment), BoardView::of(&board, end, moment));
            }
        }
    }
}

#[test]
fn an_amended_calendar_changes_the_view_of_cases_that_stand_as_they_stood() {
    let records = log::stories(1);
    let place = records.len() / 2;
    let mut board = folded(&records, place);
    let today = board.day().unwrap();
    let published = records.iter().find_map(|recorded| match &recorded.event {
        Event::Reference(ReferenceEvent::CalendarPublished(calendar)) => Some((recorded, calendar)),
        Event::Reference(_) | Event::Case(_) => None,
    });
    let (published, calendar) = published.unwrap();
    let mut facts = calendar.facts().clone();
    facts.version = Version(99);
    facts.non_working_weekdays_dates = (1..60)
        .map(|days| today.plus_days(days))
        .filter(|day| day.iso_weekday() <= 5)
        .collect();
    let amended = Recorded {
        event: Event::Reference(ReferenceEvent::CalendarPublished(Arc::new(
            Calendar::new(facts).unwrap(),
        ))),
        ..published.clone()
    };
    let (mut views, end) = (Views::default(), Position(records.len() as u64));
    let before = views.next(&board, end, board.now());
    board.apply(&amended);
    let after = views.next(&board, end, board.now());
    assert_ne!(before.cases, after.cases);
    assert_eq!(after, BoardView::of(&board, end, board.now()));
}

#[test]
fn a_row_stands_and_shines_as_the_whole_case_does() {
    let records = log::stories(1);
    let mut board = Board::new(Order::Recorded);
    let mut whole: BTreeMap<CaseId, CaseState> = BTreeMap::new();
    let mut compared = 0;
    for recorded in &records {
        board.apply(recorded);
        let (Event::Case(event), Some(case)) = (&recorded.event, recorded.stream.case()) else {
            continue;
        };
        let state = whole.remove(&case).unwrap_or_default();
        whole.insert(case, evolve(state, event));
        let directory = board.directory();
        let today = board.day().unwrap();
        for (id, state) in &whole {
            let Some(case) = state.case() else { continue };
            let row = board.case(id.as_str()).unwrap();
            if row.is_finished() {
                // It left the board, and keeps what it was at its end.
                let ended = matches!(case.stage.as_str(), "ended" | "completed" | "archived");
                assert!(ended, "{id} at {}", board.at());
                continue;
            }
            assert_eq!(
                row.stage().as_str(),
                case.stage.as_str(),
                "{id} at {}",
                board.at()
            );
            let open: Vec<_> = row.steps().iter().map(|step| &step.id).collect();
            assert_eq!(
                open,
                case.progress.open.iter().collect::<Vec<_>>(),
                "{id} at {}",
                board.at()
            );
            assert_eq!(row.window(), case.window.as_ref());
            let Some(procedure) = directory.procedure(&case.procedure, case.version) else {
                // Of a version that the demo centre publishes later on.
                assert_eq!(row.light(directory, today), None);
                continue;
            };
            let calendar = &directory.calendars[&procedure.calendar];
            for day in [today, today.plus_days(6), today.plus_days(40)] {
                let light = case_light(procedure, calendar, case, day).unwrap_or_default();
                assert_eq!(
                    row.light(directory, day),
                    light,
                    "{id} on {day} at {}",
                    board.at()
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 3_000, "{compared}");
}

#[test]
fn what_was_received_is_in_hand_waiting_or_done_at_every_place() {
    let records = log::stories(2);
    let mut board = Board::new(Order::Recorded);
    let end = Position(records.len() as u64);
    for recorded in &records {
        board.apply(recorded);
        let view = BoardView::of(&board, end, None);
        let totals = view.totals;
        assert_eq!(
            totals.received,
            totals.in_hand + totals.waiting + totals.done,
            "at {}",
            board.at()
        );
        let of_departments: u64 = view.departments.iter().map(|department| department.done).sum();
        assert_eq!(of_departments, totals.done);
        let queued: usize = view.windows.iter().map(|window| window.queue.len()).sum();
        assert_eq!(
            queued,
            view.cases.len(),
            "every case lies at one window, or at none"
        );
    }
    assert!(board.totals().done > 20, "{:?}", board.totals());
}

#[test]
fn a_case_opened_again_comes_back_to_the_board() {
    let records = log::stories(1);
    let reopened = records
        .iter()
        .position(|recorded| recorded.event.kind() == "case.reopened")
        .unwrap();
    let case = records[reopened].stream.case().unwrap();
    let before = folded(&records, reopened);
    assert!(!before.open().any(|(open, _)| *open == case));
    let after = folded(&records, reopened + 1);
    assert!(after.open().any(|(open, _)| *open == case));
    assert_eq!(after.totals().done, before.totals().done - 1);
}

#[test]
fn at_an_instant_everything_that_was_there_by_then_has_happened() {
    let records = log::stories(1);
    let tape = InMemory::recorded(records.clone());
    let mut replay = opened(&tape, 50, usize::MAX);
    let instant: Timestamp = "2010-05-14T02:00:00Z".parse().unwrap();
    let expected = records
        .iter()
        .filter(|recorded| recorded.recorded_at <= instant)
        .count();
    assert_eq!(
        replay.go_to_time(instant).unwrap().at(),
        Position(expected as u64)
    );
}

#[test]
fn less_memory_keeps_fewer_boards_and_gives_the_same() {
    let records = log::stories(2);
    let tape = InMemory::recorded(records.clone());
    let roomy = opened(&tape, 16, usize::MAX);
    let tight = opened(&tape, 16, 200_000);
    let ((many, near, _), (few, far, bytes)) = (roomy.kept(), tight.kept());
    assert!(few < many && far > near, "{few} of {many}, {far} apart");
    assert!(bytes <= 200_000, "{bytes}");
    assert_eq!(tight.check(), Ok(()));
    assert_eq!(roomy.check(), Ok(()));
}

#[test]
fn what_happened_is_replayed_by_when_it_did_and_reference_data_come_first() {
    let mut records = log::stories(1);
    // As after an import: reference data last, and all recorded on one day.
    records.reverse();
    for (position, recorded) in (0..).zip(&mut records) {
        recorded.position = Position(position);
        recorded.recorded_at = Timestamp::from_micros(1);
    }
    let tape = InMemory::occurred(records);
    let mut replay = opened(&tape, 64, usize::MAX);
    let end = replay.end();
    let (first, last) = replay.index().span().unwrap();
    assert!(first < last, "{first} {last}");
    let board = replay.go_to(end).unwrap();
    assert!(!board.directory().windows.is_empty());
    assert_eq!(board.now(), Some(last));
}
