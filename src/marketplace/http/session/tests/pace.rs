//! How fast, how many at once, and how long it waits.

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
    assert_eq!(script.times(), [Duration::ZERO, three, three]);
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
        let ten = Duration::from_secs(10);
        assert_eq!(script.times(), [Duration::ZERO, Duration::ZERO, ten, ten]);
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
