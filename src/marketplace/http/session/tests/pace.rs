//! How fast, how many at once, and how long it waits.

#![allow(clippy::float_arithmetic, reason = "a rate of requests is no amount of money")]

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test(start_paused = true)]
async fn the_request_rate_is_kept() {
    let script = Script::new((0..6).map(|_| answer(200, None)).collect());
    let session = session(&script, Some(2));
    let all = (0..6).map(|_| session.get("/x"));
    futures_util::future::join_all(all).await;
    let expected: Vec<Duration> = (0..6).map(|n| Duration::from_millis(500 * n)).collect();
    assert_eq!(script.times(), expected, "two a second");
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_not_saved_up_while_nothing_is_asked() {
    let script = Script::new((0..4).map(|_| answer(200, None)).collect());
    let session = session(&script, Some(2));
    session.get("/x").await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    futures_util::future::join_all((0..3).map(|_| session.get("/x"))).await;
    let expected = [0, 10_000, 10_500, 11_000].map(Duration::from_millis);
    assert_eq!(script.times(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_none_or_nothing_a_second_is_no_limit() {
    for rate in [None, Some(0)] {
        let script = Script::new((0..6).map(|_| answer(200, None)).collect());
        let session = session(&script, rate);
        futures_util::future::join_all((0..6).map(|_| session.get("/x"))).await;
        assert_eq!(script.times(), [Duration::ZERO; 6]);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_back_every_call_of_the_session() {
    let answers = vec![answer(429, Some("3")), answer(200, None), answer(200, None)];
    let script = Script::new(answers);
    let session = session(&script, None);
    let told = StdMutex::new(Vec::new());
    let tell = |problem: &str, wait: Duration| told.lock().unwrap().push((problem.to_owned(), wait));
    let limited = call(CallClass::Create);
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        session.get("/other").await
    };
    let (first, second) = tokio::join!(session.call(&limited, &tell), other);
    assert_eq!((first.unwrap(), second.unwrap()), (200.into(), 200.into()));
    let three = Duration::from_secs(3);
    let times = script.times();
    assert_eq!(times[..2], [Duration::ZERO, three]);
    // Four at once were too many: from now on it is four fifths of that a second.
    let apart = (times[2] - three).as_millis();
    assert!((312..=314).contains(&apart), "{times:?}");
    let problem = "429, the request rate is limited".to_owned();
    assert_eq!(*told.lock().unwrap(), [(problem, three)], "and is said");
}

#[tokio::test(start_paused = true)]
async fn a_short_retry_after_does_not_end_a_long_one() {
    for waits in [["10", "2"], ["2", "10"]] {
        let [first, second] = waits.map(|wait| answer(429, Some(wait)));
        let script = Script::new(vec![first, second, answer(200, None), answer(200, None)]);
        let session = session(&script, None);
        let (one, two) = tokio::join!(session.get("/one"), session.get("/two"));
        assert!(one.is_ok() && two.is_ok());
        let (ten, times) = (Duration::from_secs(10), script.times());
        assert_eq!(times[..3], [Duration::ZERO, Duration::ZERO, ten]);
        assert!(
            times[3] > ten && times[3] < ten + Duration::from_secs(1),
            "{times:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn waits_double_up_to_the_longest_and_are_told() {
    let script = Script::new((0..9).map(|_| answer(503, None)).collect());
    let pace = Pace {
        requests_per_second: None,
        concurrency: 1,
    };
    let patience = Patience {
        retries: 8,
        jitter_seed: None,
        ..Patience::default()
    };
    let told = StdMutex::new(Vec::new());
    let tell = |problem: &str, wait: Duration| {
        assert_eq!(problem, "503 from the vendor");
        told.lock().unwrap().push(wait);
    };
    let session = over(script.clone(), pace, patience);
    let error = session.call(&call(CallClass::Read), &tell).await.unwrap_err();
    assert!(
        matches!(error, VendorError::Server { status: 503, .. }),
        "{error}"
    );
    let told = told.lock().unwrap();
    let times = script.times();
    let least = [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000].map(Duration::from_millis);
    assert_eq!(told.len(), least.len());
    for (index, (wait, least)) in told.iter().zip(least).enumerate() {
        assert!(
            *wait >= least && *wait <= 2 * least,
            "wait {index} is {wait:?}, which is {least:?} with jitter"
        );
        let slept = times[index + 1] - times[index];
        let finest = Duration::from_millis(1); // of the clock
        assert!(
            slept >= *wait && slept <= *wait + finest,
            "{slept:?}, not {wait:?}"
        );
    }
}

/// Takes 50 ms for each answer, and turns away what comes sooner than so many a second, with as many in reserve.
struct Limited {
    a_second: u32,
    says_when: bool,
    level: StdMutex<(Instant, f64)>,
    taken: AtomicUsize,
    refused: AtomicUsize,
}

impl Limited {
    fn new(a_second: u32, says_when: bool) -> Arc<Self> {
        Arc::new(Self {
            a_second,
            says_when,
            level: StdMutex::new((Instant::now(), f64::from(a_second))),
            taken: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        })
    }

    fn takes(&self) -> bool {
        let mut level = self.level.lock().unwrap();
        let most = f64::from(self.a_second);
        let filled = (level.1 + level.0.elapsed().as_secs_f64() * most).min(most);
        let takes = filled >= 1.0;
        *level = (Instant::now(), if takes { filled - 1.0 } else { filled });
        takes
    }
}

impl Transport for Limited {
    fn send(&self, _request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let takes = self.takes();
        let count = if takes { &self.taken } else { &self.refused };
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            match takes {
                true => answer(200, None),
                false => answer(429, self.says_when.then_some("1")),
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_nobody_told_is_found_kept_and_used() {
    for (a_second, says_when) in [(1, true), (2, true), (5, false), (50, true), (50, false)] {
        let limited = Limited::new(a_second, says_when);
        let pace = Pace {
            requests_per_second: None,
            concurrency: 10,
        };
        let session = over(
            limited.clone(),
            pace,
            Patience {
                jitter_seed: Some(1),
                ..Patience::default()
            },
        );
        let (calls, began) = (a_second * 60, Instant::now());
        let answers = futures_util::future::join_all((0..calls).map(|_| session.get("/x"))).await;
        let what = format!("{a_second} a second, {says_when}");
        assert!(answers.iter().all(Result::is_ok), "{what}: one is lost");
        let (took, refused) = (
            began.elapsed().as_secs_f64(),
            limited.refused.load(Ordering::SeqCst),
        );
        assert_eq!(limited.taken.load(Ordering::SeqCst), calls as usize);
        assert!(refused <= 20, "{what}: {refused} of {calls} refused");
        assert!(took < 80.0, "{what}: {took} s, and 60 are the least");
    }
}

/// Takes a second for each answer, and counts what is under way.
#[derive(Default)]
struct Slow {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Transport for Slow {
    fn send(&self, _request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            answer(200, None)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_at_once_than_may_be() {
    for (concurrency, most) in [(3, 3), (1, 1), (0, 1)] {
        let slow = Arc::new(Slow::default());
        let pace = Pace {
            requests_per_second: None,
            concurrency,
        };
        let session = over(slow.clone(), pace, patience());
        futures_util::future::join_all((0..6).map(|_| session.get("/x"))).await;
        assert_eq!(slow.most.load(Ordering::SeqCst), most);
    }
}
