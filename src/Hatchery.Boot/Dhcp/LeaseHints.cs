using System.Collections.Concurrent;
using System.Net;
using Hatchery.Boot.Net;

namespace Hatchery.Boot.Dhcp;

/// <summary>What the lease table said of a pool a moment ago, and what this server did since: hints which addresses to try. Only
/// the table decides, so an old hint costs one attempt, while a crowd does not read the whole pool once for each machine.</summary>
internal sealed class LeaseHints
{
    private static readonly TimeSpan s_counts = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ConcurrentDictionary<uint, LeaseEnd> _ends = new();
    private DateTimeOffset? _readAt;
    private Task<IReadOnlyDictionary<uint, LeaseEnd>>? _reading;

    /// <summary>Those who ask at once share one reading: a pool may have many thousand addresses, and none left for a crowd.</summary>
    /// <param name="isFresh">Not from memory.</param>
    /// <param name="read">Reads the table, for all who wait for it.</param>
    public async Task<IReadOnlyDictionary<uint, LeaseEnd>> ReadAsync(
        bool isFresh,
        DateTimeOffset now,
        Func<Task<IReadOnlyDictionary<uint, LeaseEnd>>> read,
        CancellationToken cancellation
    )
    {
        Task<IReadOnlyDictionary<uint, LeaseEnd>> reading;
        lock (_gate)
        {
            if (!isFresh && _readAt is { } at && now - at < s_counts)
                return _ends;
            reading = _reading ??= Task.Run(() => ReadAsync(now, read), CancellationToken.None);
        }
        return await reading.WaitAsync(cancellation);
    }

    /// <summary>What became of an address since.</summary>
    public void Set(IPAddress address, LeaseEnd end)
    {
        lock (_gate)
            _ends[address.Number()] = end;
    }

    private async Task<IReadOnlyDictionary<uint, LeaseEnd>> ReadAsync(
        DateTimeOffset now,
        Func<Task<IReadOnlyDictionary<uint, LeaseEnd>>> read
    )
    {
        try
        {
            var ends = new ConcurrentDictionary<uint, LeaseEnd>(await read());
            lock (_gate)
                (_ends, _readAt) = (ends, now);
            return ends;
        }
        finally
        {
            lock (_gate)
                _reading = null;
        }
    }
}
