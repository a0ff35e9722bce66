using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Server;

internal sealed partial class VersionMaker
{
    /// <summary>What this server does about one version, or why it does not.</summary>
    private sealed class Work(CancellationTokenSource ending)
    {
        private readonly Lock _gate = new();
        private int _percent;
        private string? _waits;
        private long? _restsSince;
        private bool _isOver;

        public CancellationToken Cancellation { get; } = ending.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        public bool IsResting => _restsSince is not null;

        /// <summary>Takes how far a part of it is, 0 to 100, as so many percent of the whole.</summary>
        public IProgress<int> Part(int from, int to) =>
            new PartOfWork(done => (_percent, _waits) = (from + (to - from) * done / 100, null));

        public void Waits(string reason) => _waits = MakingStatus.Short(reason);

        public void Rest(string trouble, long since)
        {
            Waits(trouble);
            _restsSince = since;
        }

        public bool IsRested(TimeProvider time) =>
            Task.IsCompleted && _restsSince is { } since && time.GetElapsedTime(since) >= s_rest;

        public MakingStatus Status(VDiskId vDisk, int number) => new(vDisk, number, _percent, _waits);

        public void Cancel()
        {
            lock (_gate)
                if (!_isOver)
                    ending.Cancel();
        }

        public void End()
        {
            lock (_gate)
                _isOver = true;
            ending.Dispose();
        }

        private sealed class PartOfWork(Action<int> report) : IProgress<int>
        {
            public void Report(int value) => report(value);
        }
    }
}
