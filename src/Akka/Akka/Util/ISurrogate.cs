using Akka.Actor;

namespace Akka.Util;

/// <summary>What is written in place of an object that only means something inside its actor system.</summary>
public interface ISurrogate
{
    /// <summary>Turns this back into the object, in <paramref name="system"/>.</summary>
    ISurrogated? FromSurrogate(ActorSystem system);
}

/// <summary>An object that travels as a surrogate.</summary>
public interface ISurrogated
{
    /// <summary>The form of this object that can be written.</summary>
    ISurrogate ToSurrogate(ActorSystem system);
}
