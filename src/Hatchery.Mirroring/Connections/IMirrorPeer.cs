using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Who asks something of a copy that lies here: another server, or this one.</summary>
public interface IMirrorPeer
{
    /// <summary>Unlike any other's in this process.</summary>
    long Connection { get; }

    /// <summary>Its name.</summary>
    string Server { get; }

    /// <summary>When it sent something last, as a timestamp.</summary>
    long HeardAt { get; }

    /// <summary>Sends, in order; nothing is promised about its arrival.</summary>
    void Send(LayerId cache, MirrorMessage message);

    /// <summary>The bytes of a message that it brought are not needed any more.</summary>
    void Release(ReadOnlyMemory<byte> bytes);
}

internal sealed class LinkedPeer(MirrorLink link, TimeProvider time) : IMirrorPeer
{
    private long _heardAt = time.GetTimestamp();

    public long Connection => link.Id;

    public string Server => link.Other.Server;

    public long HeardAt => Volatile.Read(ref _heardAt);

    public void Heard() => Volatile.Write(ref _heardAt, time.GetTimestamp());

    public void Send(LayerId cache, MirrorMessage message) => link.Send(cache, message);

    public void Release(ReadOnlyMemory<byte> bytes) => link.Window.Release(bytes);
}
