// Virtual machines without hardware support are the load: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
