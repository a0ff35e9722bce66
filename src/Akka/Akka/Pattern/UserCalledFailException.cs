using Akka.Actor;

namespace Akka.Pattern;

/// <summary>The failure that <see cref="CircuitBreaker.Fail"/> reports.</summary>
public class UserCalledFailException() : AkkaException($"User code called {nameof(CircuitBreaker.Fail)}");
