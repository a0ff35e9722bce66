using System.Text.Json;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Holds the newest snapshot, wakes who waits for an event, and keeps the checkpoint file.</summary>
public sealed class FarmView : IFarmView
{
    private readonly Lock _gate = new();
    private readonly List<(Func<FarmSnapshot, bool> Shows, TaskCompletionSource Reached)> _waiting = [];
    private volatile FarmSnapshot _current = FarmSnapshot.Empty;

    public FarmSnapshot Current => _current;

    /// <summary>Called with each device that is removed, by whichever server; must not block.</summary>
    public event Action<DeviceId>? DeviceRemoved;

    /// <summary>Called with each device whose session was opened anew, and the server that has it now; must not block.</summary>
    public event Action<DeviceId, Epoch, string>? SessionOpened;

    /// <summary>Called, when the view has it, with each device whose own settings or collection changed; with null when those of a collection did. Must not block.</summary>
    public event Action<DeviceId?>? SettingsChanged;

    /// <summary>Called, when the view has it, with each vDisk of which devices boot another version from now on; must not block.</summary>
    public event Action<VDiskState>? VersionReplaced;

    /// <summary>Called, when the view has it, with what is known of a canary: <see cref="CanaryCounted"/>, <see cref="CanaryProven"/>,
    /// <see cref="CanaryEnded"/>; must not block.</summary>
    public event Action<VDiskState, IVDiskEvent>? CanaryJudged;

    /// <summary>Called, when the view has it, with each capture of a device's disk that ended, done or not; must not block.</summary>
    public event Action<DeviceId, CaptureEnded>? CaptureOver;

    public Task ReachedAsync(string persistenceId, long sequenceNumber, CancellationToken cancellation = default) =>
        UntilAsync(view => view.SequenceOf(persistenceId) >= sequenceNumber, cancellation);

    public Task ReadAsync(string persistenceId, long sequenceNumber, CancellationToken cancellation = default) =>
        UntilAsync(view => view.HasRead(persistenceId, sequenceNumber), cancellation);

    /// <param name="offset">Its place in the tagged journal; null when it comes from the entity itself, ahead of the journal's reader.</param>
    public void Apply(string persistenceId, long sequenceNumber, object happened, long? offset = null)
    {
        bool isNew;
        lock (_gate)
        {
            var before = _current.SequenceOf(persistenceId);
            _current = _current.Apply(persistenceId, sequenceNumber, happened, offset);
            isNew = _current.SequenceOf(persistenceId) > before;
            foreach (var waiting in _waiting.Where(w => w.Shows(_current)))
                waiting.Reached.TrySetResult();
            _waiting.RemoveAll(w => w.Reached.Task.IsCompleted);
        }
        if (!isNew)
            return;
        if (
            happened is IVDiskEvent ofDisk
            && PersistenceIds.TryVDisk(persistenceId, out var vDisk)
            && Current.VDisk(vDisk) is { } changed
        )
        {
            if (happened is VersionPromoted or ProductionReverted or CollectionPinned or CanaryStarted or CanaryEnded)
                VersionReplaced?.Invoke(changed);
            if (happened is CanaryCounted or CanaryProven or CanaryEnded)
                CanaryJudged?.Invoke(changed, ofDisk);
        }
        if (happened is CollectionChanged or CollectionRemoved)
            SettingsChanged?.Invoke(null);
        if (!PersistenceIds.TryDevice(persistenceId, out var device))
            return;
        if (happened is DeviceRemoved)
            DeviceRemoved?.Invoke(device);
        if (happened is CaptureEnded ended)
            CaptureOver?.Invoke(device, ended);
        if (happened is DeviceSettingsChanged or DeviceMoved)
            SettingsChanged?.Invoke(device);
        if (happened is BootStarted boot)
            SessionOpened?.Invoke(device, boot.Epoch, boot.Server);
        if (happened is SessionReopened reopened)
            SessionOpened?.Invoke(device, reopened.Epoch, reopened.Server);
    }

    /// <summary>Takes up where the file left off. A file that is missing or unreadable costs only the time to read the journal again.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryLoad(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (
                JsonSerializer.Deserialize(file, FarmJson.Default.FarmCheckpoint)
                    is not { Devices.IsDefault: false, VDisks.IsDefault: false } read
                || !read.Devices.All(d => d is { Name: not null, Macs.IsDefault: false })
            )
                return false;
            lock (_gate)
                _current = FarmSnapshot.From(read);
            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Save(string path)
    {
        var unfinished = path + ".new";
        using (var file = File.Create(unfinished))
            JsonSerializer.Serialize(file, _current.ToCheckpoint(), FarmJson.Default.FarmCheckpoint);
        File.Move(unfinished, path, overwrite: true);
    }

    private Task UntilAsync(Func<FarmSnapshot, bool> shows, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (shows(_current))
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.RemoveAll(w => w.Reached.Task.IsCompleted);
            _waiting.Add((shows, reached));
            return reached.Task.WaitAsync(cancellation);
        }
    }
}
