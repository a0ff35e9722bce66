using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>
/// The link from one outlet to one inlet of the same island. It is idle at the inlet, then pulling, then there is demand at
/// the outlet, then it is pushing, then idle again; each side closes on its own.
/// </summary>
internal abstract class Connection
{
    /// <summary>The inlet may pull; what has arrived may be grabbed.</summary>
    public const int InIdle = 1;

    /// <summary>The pull is on its way to the outlet.</summary>
    public const int Pulling = 2;

    /// <summary>The outlet may push.</summary>
    public const int Demand = 4;

    /// <summary>The element is on its way to the inlet.</summary>
    public const int Pushing = 8;

    public const int InClosed = 16;
    public const int OutClosed = 32;

    public int State = InIdle;
    public bool HasElement;

    public GraphStageLogic InOwner = null!;
    public GraphStageLogic OutOwner = null!;
    public IInHandler InHandler = null!;
    public IOutHandler OutHandler = null!;

    /// <summary>Why the outlet failed; null when it completed.</summary>
    public Exception? Failure;

    /// <summary>Why the inlet was cancelled.</summary>
    public Exception? CancellationCause;

    public bool HasElementToGrab => HasElement && (State & InIdle) != 0;

    /// <summary>Takes the element where the inlet is of another type than the outlet.</summary>
    public abstract object? TakeBoxed();

    /// <summary>Puts an element where the caller sees the outlet as one of another type.</summary>
    public abstract void PutBoxed(object element);

    public void DropElement()
    {
        if (!HasElement)
            return;
        HasElement = false;
        TakeBoxed();
    }
}

/// <summary>A connection with room for one element.</summary>
internal sealed class Connection<T> : Connection
{
    public T? Element;

    public override object? TakeBoxed()
    {
        var element = Element;
        Element = default;
        return element;
    }

    public override void PutBoxed(object element) => Element = (T)element;
}
