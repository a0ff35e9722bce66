namespace Akka.Actor;

/// <summary>A message that the engine itself handles when an actor receives it.</summary>
public interface IAutoReceivedMessage;

/// <summary>A message that can do harm when it comes from another system.</summary>
public interface IPossiblyHarmful;

/// <summary>A message that does not put off the receive time-out of its receiver.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A message that never leaves its system and need not be serialisable.</summary>
public interface INoSerializationVerificationNeeded;

/// <summary>A message around another.</summary>
public interface IWrappedMessage
{
    /// <summary>The message inside.</summary>
    object Message { get; }
}

/// <summary>Opens wrapped messages.</summary>
public static class WrappedMessage
{
    /// <summary>The innermost message.</summary>
    public static object Unwrap(object message)
    {
        while (message is IWrappedMessage wrapped)
            message = wrapped.Message;
        return message;
    }
}
