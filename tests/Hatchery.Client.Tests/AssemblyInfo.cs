// Each test has servers, a relay and an initiator of its own; one after the other they say more about stalls.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
