using System.Text;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>Servers, a database, a device, and what lies between them, in virtual time; one seed decides on everything.</summary>
internal sealed class World
{
    public const string DatabaseName = "database";
    public const string ClientName = "client";

    private readonly HashSet<(string From, string To)> _cut = [];
    private readonly List<Connection> _connections = [];
    private readonly StringBuilder? _trace;
    private readonly Defect _defect;
    private int _layers;

    public World(int seed, Defect defect, bool trace)
    {
        (Random, _defect) = (new Random(seed), defect);
        _trace = trace ? new() : null;
        (Database, Keeper, Ledger, Client) = (new(this), new(this), new(this), new(this));
        Servers = [.. Enumerable.Range(1, Random.Next(2, 5)).Select(n => new SimulatedServer(this, $"s{n}"))];
        Settings = new()
        {
            // Mostly two; a third is there while a device is moved.
            Copies = Math.Min(Servers.Count, Random.Next(4) == 0 ? 3 : 2),
            WindowBytes = 64 * SimulatedRecord.Bytes,
            JoinInterval = TimeSpan.FromMilliseconds(500),
        };
    }

    public MirrorSettings Settings { get; }

    public Random Random { get; }

    public VirtualTime Time { get; } = new();

    public Database Database { get; }

    public SimulatedKeeper Keeper { get; }

    public Ledger Ledger { get; }

    public Client Client { get; }

    public IReadOnlyList<SimulatedServer> Servers { get; }

    /// <summary>Until everything is to be whole again.</summary>
    public bool IsFaulty { get; set; } = true;

    /// <summary>Servers that are to have neither sessions nor copies.</summary>
    public HashSet<string> Draining { get; } = new(StringComparer.Ordinal);

    /// <summary>Where the device is to go; null: nowhere.</summary>
    public string? Target { get; set; }

    /// <summary>The member that the device is to go on at; null: it stays where it is.</summary>
    public string? PreferredOf(SessionRow row)
    {
        var members = row.Members.Where(m => Servers.Any(s => s.Name == m && s.IsUp) && !Draining.Contains(m));
        return Target is { } target && members.Contains(target, StringComparer.Ordinal) ? target
            : Draining.Contains(row.Streamer) ? members.FirstOrDefault()
            : null;
    }

    public bool HadPowerLoss { get; set; }

    /// <summary>A sync failed somewhere.</summary>
    public bool HadDataLoss { get; set; }

    public string? TraceText => _trace?.ToString();

    public bool Has(Defect defect) => _defect == defect;

    public static BootId Boot(int number) => new(new Guid(number, 0, 0, new byte[8]));

    public static int BootOf(BootId boot) => BitConverter.ToInt32(boot.Value.ToByteArray());

    public LayerId NewLayer() => new(new Guid(++_layers, 0, 0, new byte[8]));

    public static byte[] Frame(LayerId layer, MirrorMessage message)
    {
        Span<byte> head = stackalloc byte[MirrorCodec.HeadMaxBytes];
        var size = MirrorCodec.WriteHead(layer, message, head);
        return [.. head[..size], .. MirrorCodec.BytesOf(message).Span];
    }

    public TimeSpan Seconds(double most) => TimeSpan.FromSeconds(most * Random.NextDouble());

    public TimeSpan Delay() =>
        TimeSpan.FromMilliseconds(
            IsFaulty && Random.Next(200) == 0 ? Random.NextDouble() * 400 : Random.NextDouble() * 2
        );

    public void Cut(string from, string to) => _cut.Add((from, to));

    public bool IsCut(string from, string to) => _cut.Contains((from, to));

    public void HealNetwork() => _cut.Clear();

    /// <param name="opener">Null: the client.</param>
    public Connection Connect(SimulatedServer? opener, string server, Action connected, Action ended)
    {
        var name = opener?.Name ?? ClientName;
        var target = Servers.Single(s => s.Name == server);
        var connection = new Connection(this, _connections.Count + 1, name, server);
        _connections.Add(connection);
        opener?.Opened(connection);
        Action toldConnected = opener?.Guarded(connected) ?? connected;
        connection.OpenerEnded = opener?.Guarded(ended) ?? ended;
        Time.After(
            Delay(),
            () =>
            {
                if (IsCut(name, server) || IsCut(server, name) || !target.HasPower || target.IsFrozen)
                    Time.After(TimeSpan.FromMilliseconds(500), connection.Break);
                else if (!target.IsUp)
                    connection.Break();
                else
                {
                    target.Accept(connection);
                    connection.Open();
                    Time.After(Delay(), toldConnected);
                }
            }
        );
        return connection;
    }

    /// <summary>A streamer tells another member to open the next epoch; the message may be under way for long, or get lost.</summary>
    public void OfferSession(SimulatedServer from, string to, int boot, Epoch epoch)
    {
        Trace($"{from.Name}: {to} is to take {epoch}");
        var server = Servers.Single(s => s.Name == to);
        var delay = IsFaulty && Random.Next(4) == 0 ? Seconds(3) : Delay();
        var take = server.Guarded(() => SimulatedLogin.Take(this, server, boot, epoch));
        Time.After(
            delay,
            () =>
            {
                if (!IsCut(from.Name, to))
                    take();
            }
        );
    }

    /// <summary>A member is let go; now and then the database goes away just then, and a moment later all others do.</summary>
    public void OneLeaves(SessionRow row, string server)
    {
        if (!IsFaulty || Random.Next(4) > 0)
            return;
        Trace($"FAULT the database goes away while {server} leaves, and then the others");
        Database.GoAway(Time.Now + TimeSpan.FromMilliseconds(600));
        Time.After(
            TimeSpan.FromMilliseconds(500),
            () =>
            {
                foreach (var other in Servers.Where(s => s.Name != server && row.HasMember(s.Name)))
                    other.Freeze(Time.Now + TimeSpan.FromSeconds(4));
            }
        );
    }

    /// <summary>A server has opened an epoch before the device comes; now and then it stands still just then, and the device goes elsewhere.</summary>
    public void OneTook(SimulatedServer server)
    {
        if (!IsFaulty || Random.Next(4) > 0)
            return;
        Trace($"FAULT freeze {server.Name}, which awaits the device");
        server.Freeze(Time.Now + TimeSpan.FromSeconds(1) + Seconds(3));
    }

    public void BreakSome()
    {
        foreach (var connection in _connections.TakeLast(6))
            if (Random.Next(2) == 0)
                connection.Break();
    }

    public void Trace(string what) => _trace?.AppendLine($"{Time.Now.TotalSeconds:0.0000} {what}");

    public static string Describe(SessionRow? row) =>
        row is null
            ? "no row"
            : $"revision {row.Revision} {row.Epoch} {row.Phase} boot {BootOf(row.Boot)} at {row.Streamer} of {string.Join(",", row.Members)}";

    public static string Describe(MirrorMessage message) =>
        message switch
        {
            MirrorMessage.Append m => $"Append {m.Epoch} {m.At}+{m.Bytes.Length}",
            MirrorMessage.Copy m => $"Copy {m.Epoch} {m.Segment}:{m.Offset}+{m.Bytes.Length}",
            MirrorMessage.Fetched m => $"Fetched {m.Epoch} {m.Segment}:{m.Offset}+{m.Bytes.Length} of {m.LengthBytes}",
            MirrorMessage.Offer m => $"Offer {m.Epoch} {m.Segment}:{m.LengthBytes}",
            _ => message.ToString(),
        };

    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvariantBrokenException(otherwise);
    }
}

/// <summary>Something happened that must never happen.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);
