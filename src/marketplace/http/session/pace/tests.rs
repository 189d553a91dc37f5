use super::*;

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// How far apart the next turns are, in milliseconds.
fn apart(gate: &mut Gate, at: Instant) -> u128 {
    let first = gate.turn(at);
    let second = gate.turn(at);
    (second.at - first.at).as_millis()
}

/// Sends so many, one each so many milliseconds; the time when the last one left.
fn send(gate: &mut Gate, from: Instant, count: u32, every: Duration) -> Instant {
    for number in 0..count {
        let now = from + every * number;
        let turn = gate.turn(now);
        assert!(turn.at <= now, "{number} has to wait");
        assert!(gate.leaves(turn, now));
    }
    from + every * (count - 1)
}

#[test]
fn a_refusal_leaves_four_fifths_of_what_went_through_and_ten_seconds_bring_it_back() {
    let start = Instant::now();
    let mut gate = Gate::new(None, 4);
    // 50 in the last second, and the one that is refused.
    let last = send(&mut gate, start, 101, ms(20));
    gate.refused(last, Duration::ZERO, last);
    let after = |seconds: u64| last + ms(25) + Duration::from_secs(seconds);
    assert_eq!(
        gate.turn(last).at,
        after(0),
        "it waits as long as there is between two"
    );
    for (seconds, apart) in [(0, 25), (10, 20), (20, 16), (30, 7), (60, 0)] {
        assert_eq!(
            gate.interval(after(seconds)).as_millis(),
            apart,
            "after {seconds} s"
        );
    }
}

#[test]
fn where_little_is_known_a_refusal_takes_no_more_than_it_can_know() {
    let start = Instant::now();
    // The first request of all: as many a second as may be under way at once.
    let mut first = Gate::new(None, 5);
    let left = send(&mut first, start, 1, ms(1));
    first.refused(left, Duration::ZERO, left);
    assert_eq!(apart(&mut first, start), 250);
    // The first one at a known rate: a fourth of it.
    let mut known = Gate::new(Some(20), 5);
    let left = send(&mut known, start, 1, ms(1));
    known.refused(left, Duration::ZERO, left);
    assert_eq!(apart(&mut known, start), 250);
    // However often it is refused, two seconds are the longest of our own.
    let mut at = start;
    for _ in 0..20 {
        let turn = known.turn(at);
        at = turn.at;
        assert!(known.leaves(turn, at));
        known.refused(at, Duration::ZERO, at);
    }
    assert_eq!(apart(&mut known, at), 2000);
}

#[test]
fn nothing_is_ever_faster_than_configured() {
    let start = Instant::now();
    let mut gate = Gate::new(Some(5), 10);
    let left = send(&mut gate, start, 10, ms(200));
    assert_eq!(apart(&mut gate, left), 200);
    gate.refused(left, Duration::ZERO, left);
    assert_eq!(apart(&mut gate, left), 250);
    let later = left + Duration::from_secs(600);
    assert_eq!(apart(&mut gate, later), 200);
    // What went through before the clock of this gate knew a rate counts for no more than the rate.
    let mut fast = Gate::new(Some(100), 10);
    let left = send(&mut fast, later, 300, ms(10));
    fast.refused(left, Duration::ZERO, left);
    assert!(apart(&mut fast, left) >= 12);
}

#[test]
fn refusals_of_what_left_before_it_was_slower_say_nothing_new() {
    let start = Instant::now();
    let mut gate = Gate::new(Some(10), 10);
    let left = send(&mut gate, start, 20, ms(100));
    gate.refused(left, Duration::ZERO, left);
    let since = left + ms(125);
    assert_eq!(gate.interval(since), ms(125));
    gate.refused(start, Duration::ZERO, left);
    gate.refused(left, Duration::ZERO, left + ms(1));
    assert_eq!(gate.interval(since), ms(125));
    let next = gate.turn(left + Duration::from_secs(2));
    assert!(gate.leaves(next, next.at));
    gate.refused(next.at, Duration::ZERO, next.at);
    assert!(gate.interval(next.at) > ms(125), "a new one does");
}

#[test]
fn a_wait_that_the_vendor_wants_takes_turns_back_and_never_becomes_shorter() {
    let start = Instant::now();
    let mut gate = Gate::new(Some(1), 10);
    let left = send(&mut gate, start, 1, ms(1));
    let given = gate.turn(start);
    assert_eq!(given.at, start + ms(1000));
    gate.refused(left, Duration::from_secs(30), start);
    assert!(
        !gate.leaves(given, given.at),
        "it had its turn, and may not leave"
    );
    let held = start + Duration::from_secs(30);
    gate.refused(left, Duration::from_secs(3), start + ms(1));
    let given = gate.turn(start + ms(2));
    assert_eq!(given.at, held);
    // A longer one holds it back further, and the rate is that of before when it is over.
    gate.refused(left, Duration::from_secs(40), start + ms(2));
    assert!(!gate.leaves(given, given.at));
    let longer = start + ms(2) + Duration::from_secs(40);
    let given = gate.turn(start + ms(3));
    assert_eq!(given.at, longer);
    assert!(gate.leaves(given, longer));
    assert_eq!((gate.turn(longer).at - longer).as_millis(), 2000);
}

#[test]
fn what_left_long_ago_does_not_count_and_is_not_kept() {
    let start = Instant::now();
    let mut gate = Gate::new(Some(4), 10);
    let left = send(&mut gate, start, 100, ms(1000));
    assert_eq!(gate.left.len(), 17);
    // One a second went through in the two seconds that eight should take.
    gate.refused(left, Duration::ZERO, left);
    assert_eq!(gate.left.len(), 16);
    assert_eq!(gate.interval(left + ms(1250)), ms(1250));
}
