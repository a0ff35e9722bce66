namespace Hatchery.Devices;

/// <summary>
/// Where a keeper has just sent its device: when the device logs in somewhere else soon after, it did not get there. A server that is frozen or
/// cut off is declared dead later than that.
/// </summary>
public sealed class DeviceReturns(TimeProvider time)
{
    /// <summary>After so long the servers of the farm know better who is there.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);

    public void Sent(string server) => _sent[server] = time.GetTimestamp();

    /// <summary>The device logs in at that server, so it gets there.</summary>
    public void Came(string server)
    {
        _sent.Remove(server);
        foreach (var (name, at) in _sent)
            if (time.GetElapsedTime(at) >= Window)
                _sent.Remove(name);
    }

    /// <summary>How long ago the device was sent to a server, and did not come to stay; null: it was not, lately.</summary>
    public TimeSpan? Since(string server) =>
        _sent.TryGetValue(server, out var at) && time.GetElapsedTime(at) is var since && since < Window ? since : null;
}
