using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Who asks something of a copy that lies here: another server, or this one.</summary>
public interface IMirrorPeer
{
    /// <summary>Unlike any other's in this process.</summary>
    long Connection { get; }

    /// <summary>Sends, in order; nothing is promised about its arrival.</summary>
    void Send(LayerId cache, MirrorMessage message);

    /// <summary>The bytes of a message that it brought are not needed any more.</summary>
    void Release(ReadOnlyMemory<byte> bytes);
}

internal sealed class LinkedPeer(MirrorLink link) : IMirrorPeer
{
    public long Connection => link.Id;

    public void Send(LayerId cache, MirrorMessage message) => link.Send(cache, message);

    public void Release(ReadOnlyMemory<byte> bytes) => link.Window.Release(bytes);
}
