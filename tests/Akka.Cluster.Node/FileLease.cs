using System.Globalization;
using Akka.Coordination;

namespace Akka.Cluster.Node;

/// <summary>A lease in a file that all nodes reach, as a farm database is reached while servers do not reach each other.</summary>
public sealed class FileLease : Lease
{
    private readonly string _file;
    private readonly TimeSpan _timeout;
    private readonly Timer _heartbeat;
    private long _heldUntil;

    public FileLease(LeaseSettings settings)
        : base(settings)
    {
        _file = Path.Combine(settings.LeaseConfig.GetString("folder") ?? "", settings.LeaseName);
        _timeout = settings.TimeoutSettings.HeartbeatTimeout;
        var interval = settings.TimeoutSettings.HeartbeatInterval;
        _heartbeat = new Timer(
            _ =>
            {
                if (CheckLease())
                    Take();
            },
            null,
            interval,
            interval
        );
    }

    public override Task<bool> Acquire() => Task.FromResult(Take());

    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => Acquire();

    public override Task<bool> Release()
    {
        using var file = Open();
        if (Read(file).Owner == Settings.OwnerName)
            file.SetLength(0);
        Volatile.Write(ref _heldUntil, 0);
        return Task.FromResult(true);
    }

    public override bool CheckLease() => Environment.TickCount64 < Volatile.Read(ref _heldUntil);

    private bool Take()
    {
        using var file = Open();
        var now = Environment.TickCount64;
        var (owner, until) = Read(file);
        var isOurs = owner == Settings.OwnerName || until < now;
        if (isOurs)
        {
            file.SetLength(0);
            using var writer = new StreamWriter(file, leaveOpen: true);
            writer.Write(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now + (long)_timeout.TotalMilliseconds} {Settings.OwnerName}"
                )
            );
        }
        Volatile.Write(ref _heldUntil, isOurs ? now + (long)_timeout.TotalMilliseconds : 0);
        return isOurs;
    }

    private static (string Owner, long Until) Read(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        var text = reader.ReadToEnd().Split(' ');
        return text is [var until, var owner] ? (owner, long.Parse(until, CultureInfo.InvariantCulture)) : ("", 0);
    }

    /// <summary>Waits for whoever has it open; milliseconds.</summary>
    private FileStream Open()
    {
        while (true)
        {
            try
            {
                return new FileStream(_file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Yield();
            }
        }
    }
}
