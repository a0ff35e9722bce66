namespace Akka.Persistence;

/// <summary>A handler that waits for its event to be stored.</summary>
internal readonly record struct PendingInvocation(Action<object> Handler, bool Stashing);
