//? ASlotNeeds32BytesAtLeast
//? ACacheNeedsOneSlotAtLeast
use oncilla::{ReplayCache, SharedReplayCache};

fn main() {
    let _ = ReplayCache::<4, 16>::new(); //~ type annotations needed
    let _ = ReplayCache::<0, 64>::new(); //~ type annotations needed
    let _ = SharedReplayCache::<4, 31>::new([7; 16]); //~ type annotations needed
    let _ = ReplayCache::<4, 32>::new();
    let _ = SharedReplayCache::<1, 32>::new([7; 16]);
}
