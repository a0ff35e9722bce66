using Akka.Util;

namespace Akka.Actor;

/// <summary>A reference to no actor; what it is sent is gone.</summary>
public sealed class Nobody : MinimalActorRef
{
    /// <summary>The one value.</summary>
    public static readonly Nobody Instance = new();

    private static readonly ActorPath NobodyPath = new RootActorPath(Address.AllSystems, "/Nobody");

    private Nobody() { }

    /// <inheritdoc/>
    public override ActorPath Path => NobodyPath;

    /// <inheritdoc/>
    public override IInternalActorRef Parent => this;

    /// <inheritdoc/>
    public override IActorRefProvider Provider => throw new NotSupportedException("Nobody does not provide");

    /// <inheritdoc/>
    public override ISurrogate ToSurrogate(ActorSystem system) => new NobodySurrogate();

    /// <summary>The form in which it is written.</summary>
    public class NobodySurrogate : ISurrogate
    {
        /// <inheritdoc/>
        public ISurrogated FromSurrogate(ActorSystem system) => Instance;
    }
}

/// <summary>References that stand for no actor.</summary>
public static class ActorRefs
{
    /// <summary>Nobody.</summary>
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>The sender of a message that has none: null.</summary>
    public static readonly IActorRef NoSender = null!;
}
