using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

/// <summary>What the engines of two systems tell each other.</summary>
public sealed class SystemMessageSerializer(ExtendedActorSystem system) : Serializer(system)
{
    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var buffer = new FrameBuffer(256);
        switch (obj)
        {
            case Watch watch:
                buffer.Byte((byte)Kind.Watch);
                buffer.Reference(watch.Watchee);
                buffer.Reference(watch.Watcher);
                break;
            case Unwatch unwatch:
                buffer.Byte((byte)Kind.Unwatch);
                buffer.Reference(unwatch.Watchee);
                buffer.Reference(unwatch.Watcher);
                break;
            case DeathWatchNotification death:
                buffer.Byte((byte)Kind.DeathWatchNotification);
                buffer.Reference(death.Actor);
                buffer.Byte(death.ExistenceConfirmed ? (byte)1 : (byte)0);
                buffer.Byte(death.AddressTerminated ? (byte)1 : (byte)0);
                break;
            case Terminate:
                buffer.Byte((byte)Kind.Terminate);
                break;
            case Suspend:
                buffer.Byte((byte)Kind.Suspend);
                break;
            case Resume resume:
                buffer.Byte((byte)Kind.Resume);
                buffer.Exception(resume.CausedByFailure);
                break;
            case Recreate recreate:
                buffer.Byte((byte)Kind.Recreate);
                buffer.Exception(recreate.Cause);
                break;
            default:
                throw new ArgumentException($"{obj.GetType()} stays within its system", nameof(obj));
        }
        return buffer.Written.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type? type)
    {
        var reader = new FrameReader(bytes);
        Payload.Require(reader.TryByte(out var kind));
        return (Kind)kind switch
        {
            Kind.Watch => new Watch(reader.Actor(system), reader.Actor(system)),
            Kind.Unwatch => new Unwatch(reader.Actor(system), reader.Actor(system)),
            Kind.DeathWatchNotification => new DeathWatchNotification(
                reader.Actor(system),
                Flag(ref reader),
                Flag(ref reader)
            ),
            Kind.Terminate => new Terminate(),
            Kind.Suspend => new Suspend(),
            Kind.Resume => new Resume(reader.Exception()),
            Kind.Recreate => new Recreate(reader.Exception() ?? throw Payload.Malformed()),
            _ => throw Payload.Malformed(),
        };
    }

    private static bool Flag(ref FrameReader reader)
    {
        Payload.Require(reader.TryByte(out var flag));
        return flag != 0;
    }

    private enum Kind : byte
    {
        Watch = 1,
        Unwatch = 2,
        DeathWatchNotification = 3,
        Terminate = 4,
        Suspend = 5,
        Resume = 6,
        Recreate = 7,
    }
}
