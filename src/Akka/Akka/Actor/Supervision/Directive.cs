namespace Akka.Actor;

/// <summary>What a supervisor does with a child that failed.</summary>
public enum Directive
{
    /// <summary>Go on with the state as it is.</summary>
    Resume,

    /// <summary>Go on with a fresh instance.</summary>
    Restart,

    /// <summary>Fail as well.</summary>
    Escalate,

    /// <summary>Stop the child.</summary>
    Stop,
}

/// <summary>Conveniences for directives.</summary>
public static class DirectiveExtensions
{
    /// <summary>A pair for <see cref="Decider.From(Directive, KeyValuePair{Type, Directive}[])"/>.</summary>
    public static KeyValuePair<Type, Directive> When<TException>(this Directive self)
        where TException : Exception => new(typeof(TException), self);
}

/// <summary>Decides by the exception.</summary>
public interface IDecider
{
    /// <summary>What is to be done.</summary>
    Directive Decide(Exception cause);
}

/// <summary>Makes deciders.</summary>
public static class Decider
{
    /// <summary>Decides by a function.</summary>
    public static LocalOnlyDecider From(Func<Exception, Directive> localOnlyDecider) => new(localOnlyDecider);

    /// <summary>Decides by the first pair whose type the exception is of.</summary>
    public static DeployableDecider From(Directive defaultDirective, params KeyValuePair<Type, Directive>[] pairs) =>
        new(defaultDirective, pairs);

    /// <summary>Decides by the first pair whose type the exception is of.</summary>
    public static DeployableDecider From(
        Directive defaultDirective,
        IEnumerable<KeyValuePair<Type, Directive>> pairs
    ) => new(defaultDirective, [.. pairs]);
}

/// <summary>Decides by a function.</summary>
public class LocalOnlyDecider(Func<Exception, Directive> decider) : IDecider
{
    /// <inheritdoc/>
    public Directive Decide(Exception cause) => decider(cause);
}

/// <summary>Decides by the first pair whose type the exception is of, in a form that can be written.</summary>
public class DeployableDecider : IDecider
{
    /// <summary>Takes the pairs, and what holds where none fits.</summary>
    public DeployableDecider(Directive defaultDirective, params KeyValuePair<Type, Directive>[] pairs)
    {
        DefaultDirective = defaultDirective;
        Pairs = pairs;
    }

    /// <summary>Holds where no pair fits.</summary>
    public Directive DefaultDirective { get; }

    /// <summary>The pairs.</summary>
    public KeyValuePair<Type, Directive>[] Pairs { get; }

    /// <inheritdoc/>
    public Directive Decide(Exception cause)
    {
        foreach (var pair in Pairs)
        {
            if (pair.Key.IsInstanceOfType(cause))
                return pair.Value;
        }
        return DefaultDirective;
    }
}
