//! Nothing leaves once the permit is withdrawn, however a call waits.

use super::*;
use futures_util::FutureExt as _;
use tokio::sync::watch;

/// A lock that is lost when a test says so.
struct Lease(watch::Receiver<bool>);

impl Permit for Lease {
    fn may_send(&self) -> Result<(), String> {
        match *self.0.borrow() {
            true => Err("the lock is lost".to_owned()),
            false => Ok(()),
        }
    }

    fn withdrawn(&self) -> BoxFuture<'_, String> {
        let mut lost = self.0.clone();
        async move {
            lost.wait_for(|lost| *lost).await.unwrap();
            "the lock is lost".to_owned()
        }
        .boxed()
    }
}

/// A vendor that takes its time for every request.
struct Slow(Duration, StdMutex<usize>);

impl Transport for Slow {
    fn send(&self, _request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        *self.1.lock().unwrap() += 1;
        async {
            tokio::time::sleep(self.0).await;
            answer(201, None)
        }
        .boxed()
    }
}

/// Loses the lock after a time.
async fn lost_after(lock: &watch::Sender<bool>, wait: Duration) {
    tokio::time::sleep(wait).await;
    lock.send_replace(true);
}

fn withheld() -> VendorError {
    VendorError::Withheld(VENDOR, "the lock is lost".to_owned())
}

#[tokio::test(start_paused = true)]
async fn creates_that_wait_for_a_place_or_a_turn_are_not_sent_after_the_lease_is_lost() {
    for (concurrency, rate) in [(1, None), (8, Some(1))] {
        let vendor = Arc::new(Slow(Duration::from_secs(5), StdMutex::new(0)));
        let pace = Pace {
            requests_per_second: rate,
            concurrency,
        };
        let session = over(vendor.clone(), pace, patience());
        let (lock, lease) = watch::channel(false);
        let lease = Lease(lease);
        let create = call(CallClass::Create);
        let all = (0..5).map(|_| session.send(&create, &lease, &|_, _| {}));
        let began = Instant::now();
        let (ended, ()) = tokio::join!(
            futures_util::future::join_all(all),
            lost_after(&lock, Duration::from_millis(500))
        );
        assert_eq!(
            ended[0],
            Ok(serde_json::json!(201)),
            "what is under way is finished"
        );
        for later in &ended[1..] {
            assert_eq!(*later, Err(withheld()));
        }
        assert_eq!(*vendor.1.lock().unwrap(), 1);
        assert_eq!(began.elapsed(), Duration::from_secs(5));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_before_a_repetition_ends_when_the_lease_is_lost() {
    for (first, in_doubt) in [(answer(429, Some("60")), false), (lost(), true)] {
        let script = Script::new(vec![first]);
        let session = session(&script, None);
        let (lock, lease) = watch::channel(false);
        let lease = Lease(lease);
        let write = call(CallClass::KeyedWrite);
        let began = Instant::now();
        let (ended, ()) = tokio::join!(
            session.send(&write, &lease, &|_, _| {}),
            lost_after(&lock, Duration::from_millis(100))
        );
        assert_eq!(began.elapsed(), Duration::from_millis(100));
        assert_eq!(ended.unwrap_err().may_have_happened(), in_doubt);
        assert_eq!(script.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_stops_what_does_not_wait_as_well() {
    let script = Script::new(Vec::new());
    let (_lock, lease) = watch::channel(true);
    let session = session(&script, None);
    for class in [
        CallClass::Create,
        CallClass::KeyedWrite,
        CallClass::IdempotentWrite,
    ] {
        let ended = session
            .send(&call(class), &Lease(lease.clone()), &|_, _| {})
            .await;
        assert_eq!(ended, Err(withheld()));
    }
    assert_eq!(script.count(), 0);
}
