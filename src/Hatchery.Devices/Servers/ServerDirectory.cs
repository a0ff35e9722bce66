using System.Collections.Immutable;
using Akka.Actor;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// The servers of the farm, by what they tell each other over the cluster: soft state in memory, so it is there while the
/// database is away. Thread-safe.
/// </summary>
/// <param name="self">This server as it is now; its images may be a few seconds old.</param>
/// <param name="holds">Whether an image lies whole in this server's store now.</param>
/// <param name="view">Knows who is draining.</param>
public sealed class ServerDirectory(
    Func<ServerStatus> self,
    Func<LayerId, bool> holds,
    IFarmView view,
    TimeProvider time
)
{
    /// <summary>More than a farm has; what tells of itself beyond it is not listened to.</summary>
    public const int ServersMax = 256;

    /// <summary>How often a server tells the others.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_silentAfter = Interval * 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<Address, Heard> _others = [];
    private readonly Dictionary<string, int> _offered = new(StringComparer.Ordinal);

    public ServerStatus Self => self();

    /// <summary>What this server says of itself has changed, and the others are to hear of it at once.</summary>
    public event Action? Changed;

    public void Change() => Changed?.Invoke();

    /// <summary>A server is to be told to take a session. Told at an address.</summary>
    public event Action<Address, TakeSession>? Offering;

    /// <summary>Another server wants this one to take a session.</summary>
    public event Action<TakeSession>? Offered;

    /// <summary>Tells a server to take a session; it may never hear of it.</summary>
    public void OfferSession(string server, TakeSession take)
    {
        Address? at;
        lock (_gate)
            at = _others.FirstOrDefault(o => o.Value.Status.Name == server).Key;
        if (at is not null)
            Offering?.Invoke(at, take);
    }

    public void Hear(TakeSession take) => Offered?.Invoke(take);

    /// <summary>This server first, the others by name.</summary>
    public IReadOnlyList<KnownServer> All
    {
        get
        {
            var mine = self();
            lock (_gate)
                return
                [
                    new(mine, IsSelf: true, ServerState.Up, IsDraining(mine), time.GetUtcNow()),
                    .. _others
                        .Values.Where(h => h.Status.Name != mine.Name)
                        .Select(Known)
                        .OrderBy(s => s.Status.Name, StringComparer.Ordinal),
                ];
        }
    }

    /// <param name="name">A server's name; null when no such server is known.</param>
    public KnownServer? Find(string name) =>
        All.FirstOrDefault(s => string.Equals(s.Status.Name, name, StringComparison.Ordinal));

    /// <summary>
    /// Who may take a boot of this image: up, not draining, with the image in its store and room for a device. The servers of the
    /// machine's site come first, then the others; of each, the least loaded first. The one that has the machine's keeper is the last of its site: one
    /// server that dies should not take both.
    /// </summary>
    /// <param name="site">Where the machine stands.</param>
    /// <param name="first">The server that goes before all where it may take the boot; null: none does.</param>
    /// <param name="keeper">Where the machine's keeper is; null: not known.</param>
    public IReadOnlyList<KnownServer> Offer(LayerId image, string site, string? first = null, string? keeper = null)
    {
        var servers = All.Where(s =>
                s is { State: ServerState.Up, IsDraining: false }
                && s.Status.Devices < s.Status.DevicesMax
                && (s.IsSelf ? holds(image) : s.Status.Images.Contains(image))
            )
            .OrderBy(s => string.Equals(s.Status.Name, first, StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(s => string.Equals(s.Status.Site, site, StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(s => string.Equals(s.Status.Name, keeper, StringComparison.Ordinal) ? 1 : 0)
            .ThenBy(LoadOf)
            .ThenBy(s => s.IsSelf ? 0 : 1)
            .ToArray();
        // Machines that are switched on together come before a server tells of the first of them.
        if (servers is [var best, ..])
            lock (_gate)
                _offered[best.Status.Name] = _offered.GetValueOrDefault(best.Status.Name) + 1;
        return servers;
    }

    /// <summary>
    /// The servers that stream to devices and have not said that all of these layers lie whole in their store, which a layer does when its bytes
    /// have the hash that the farm's journal has. Also one that is silent now: it may be back before it holds them. One that drains takes no boots.
    /// </summary>
    public IReadOnlyList<string> Lacking(ImmutableArray<LayerId> layers) =>
        [
            .. All.Where(s =>
                    !s.IsDraining
                    && s.Status is not { IscsiPort: 0, NbdPort: 0 }
                    && !layers.All(l => s.IsSelf ? holds(l) : s.Status.Images.Contains(l))
                )
                .Select(s => s.Status.Name),
        ];

    /// <summary>Whether it is for this server to say something about what another one had: it is its own, or that one is not up and this one is the first by name that is.</summary>
    public bool SpeaksFor(string server)
    {
        var up = All.Where(s => s.State == ServerState.Up).Select(s => s.Status.Name).ToArray();
        return Self.Name == (up.Contains(server, StringComparer.Ordinal) ? server : up.Min(StringComparer.Ordinal));
    }

    /// <summary>The name of a server by where the cluster reaches it, or of this one by a local address; null: no such server is known.</summary>
    public string? NameAt(Address? at)
    {
        if (at is null || at.HasLocalScope)
            return at is null ? null : Self.Name;
        lock (_gate)
            return _others.GetValueOrDefault(at)?.Status.Name;
    }

    /// <summary>A server has told of itself.</summary>
    public void Hear(Address from, ServerStatus status)
    {
        if (!status.IsSound)
            return;
        lock (_gate)
        {
            if (!_others.ContainsKey(from) && _others.Count >= ServersMax)
                return;
            _others[from] = new(status, time.GetUtcNow(), time.GetTimestamp());
            _offered.Remove(status.Name);
        }
    }

    /// <summary>This server has told the others what it serves.</summary>
    public void Told()
    {
        lock (_gate)
            _offered.Remove(self().Name);
    }

    /// <summary>The cluster cannot reach that server, or can again.</summary>
    public void Reach(Address server, bool isReachable)
    {
        lock (_gate)
            if (_others.TryGetValue(server, out var heard))
                _others[server] = heard with { IsReachable = isReachable };
    }

    /// <summary>That server is no member any more.</summary>
    public void Remove(Address server)
    {
        lock (_gate)
            if (_others.Remove(server, out var heard))
                _offered.Remove(heard.Status.Name);
    }

    /// <summary>These are the members, and no others.</summary>
    public void Retain(IReadOnlySet<Address> members)
    {
        Address[] left;
        lock (_gate)
            left = [.. _others.Keys.Where(a => !members.Contains(a))];
        foreach (var server in left)
            Remove(server);
    }

    private double LoadOf(KnownServer server)
    {
        lock (_gate)
            return (server.Status.Devices + _offered.GetValueOrDefault(server.Status.Name))
                / (double)server.Status.DevicesMax;
    }

    private KnownServer Known(Heard heard) =>
        new(
            heard.Status,
            IsSelf: false,
            heard.IsReachable && time.GetElapsedTime(heard.Mark) < s_silentAfter ? ServerState.Up : ServerState.Silent,
            IsDraining(heard.Status),
            heard.At
        );

    private bool IsDraining(ServerStatus server) => server.IsLeaving || view.Current.Policy.IsDraining(server.Name);

    private sealed record Heard(ServerStatus Status, DateTimeOffset At, long Mark, bool IsReachable = true);
}
