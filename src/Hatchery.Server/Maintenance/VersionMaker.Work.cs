using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Server;

internal sealed partial class VersionMaker
{
    /// <summary>What this server does about one version, or why it does not.</summary>
    private sealed class Work(CancellationTokenSource ending) : IProgress<int>
    {
        private readonly Lock _gate = new();
        private int _percent;
        private string? _waits;
        private long? _restsSince;
        private bool _isOver;

        public CancellationToken Cancellation { get; } = ending.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        public bool IsResting => _restsSince is not null;

        public void Report(int value) => (_percent, _waits) = (value, null);

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
    }
}
