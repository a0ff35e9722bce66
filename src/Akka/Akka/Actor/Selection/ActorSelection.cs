namespace Akka.Actor;

/// <summary>The actors, now and later, whose paths match a pattern below an anchor.</summary>
public class ActorSelection : ICanTell
{
    /// <summary>The anchor alone.</summary>
    public ActorSelection(IActorRef anchor, SelectionPathElement[] path)
    {
        Anchor = anchor;
        Path = path;
    }

    /// <summary>A pattern as text.</summary>
    public ActorSelection(IActorRef anchor, string path)
        : this(anchor, path.Length == 0 ? [] : path.Split('/')) { }

    /// <summary>A pattern by its elements.</summary>
    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
    {
        Anchor = anchor;
        var list = elements.ToArray();
        Path =
        [
            .. list.Select((element, i) => (Element: element, Last: i == list.Length - 1))
                .Where(item => item.Element.Length > 0 && item.Element != ".")
                .Select(item => ToElement(item.Element, item.Last)),
        ];
    }

    /// <summary>Where the path begins.</summary>
    public IActorRef Anchor { get; }

    /// <summary>The elements.</summary>
    public SelectionPathElement[] Path { get; }

    /// <summary>The elements as text.</summary>
    public string PathString => "/" + string.Join('/', Path.Select(element => element.ToString()));

    /// <summary>Sends to every actor that matches.</summary>
    public void Tell(object message, IActorRef? sender = null)
    {
        sender ??= ActorCell.Current?.Self ?? ActorRefs.NoSender;
        ActorSelectionDelivery.Deliver(Anchor, sender, new ActorSelectionMessage(message, Path));
    }

    /// <summary>The one actor there; fails with <see cref="ActorNotFoundException"/>.</summary>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    /// <summary>The one actor there; fails with <see cref="ActorNotFoundException"/>.</summary>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(null!), timeout, ct).ConfigureAwait(false);
            return identity.Subject
                ?? throw new ActorNotFoundException("subject was null: nobody is at " + Anchor.Path + PathString);
        }
        catch (Exception cause) when (cause is not ActorNotFoundException)
        {
            throw new ActorNotFoundException("Exception occurred while resolving " + Anchor.Path + PathString, cause);
        }
    }

    /// <summary>Compares two selections.</summary>
    protected bool Equals(ActorSelection other) =>
        Anchor.Equals(other.Anchor) && string.Equals(PathString, other.PathString, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorSelection other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Anchor, PathString);

    /// <inheritdoc/>
    public override string ToString() => $"ActorSelection[Anchor({Anchor.Path.ToStringWithUid()}), Path({PathString})]";

    private static SelectionPathElement ToElement(string element, bool last) =>
        element == ".." ? SelectParent.Instance
        : element == "**"
            ? last ? SelectChildRecursive.Instance
                : throw new IllegalActorNameException("Double wildcard can only appear at the last path entry")
        : element.Contains('*', StringComparison.Ordinal) || element.Contains('?', StringComparison.Ordinal)
            ? new SelectChildPattern(element)
        : new SelectChildName(element);
}

/// <summary>A message on its way through a selection.</summary>
public class ActorSelectionMessage(object message, SelectionPathElement[] elements, bool wildCardFanOut = false)
    : IAutoReceivedMessage,
        IPossiblyHarmful,
        IWrappedMessage
{
    /// <summary>What is to be delivered.</summary>
    public object Message { get; } = message;

    /// <summary>What is left of the path.</summary>
    public SelectionPathElement[] Elements { get; } = elements;

    /// <summary>True when it goes to many.</summary>
    public bool WildCardFanOut { get; } = wildCardFanOut;

    public override string ToString() =>
        $"ActorSelectionMessage - Message: {Message} - WildCardFanOut: {WildCardFanOut} - Elements: {string.Join<SelectionPathElement>('/', Elements)}";
}

/// <summary>One element of a selection.</summary>
public abstract class SelectionPathElement;

/// <summary>The child of a name.</summary>
public class SelectChildName(string name) : SelectionPathElement
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectChildName other && other.Name == Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The children whose names match.</summary>
public class SelectChildPattern(string patternStr) : SelectionPathElement
{
    /// <summary>The pattern, with <c>*</c> and <c>?</c>.</summary>
    public string PatternStr { get; } = patternStr;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SelectChildPattern other && other.PatternStr == PatternStr;

    /// <inheritdoc/>
    public override int GetHashCode() => PatternStr.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => PatternStr;
}

/// <summary>All descendants.</summary>
public class SelectChildRecursive : SelectionPathElement
{
    /// <summary>The one value.</summary>
    public static readonly SelectChildRecursive Instance = new();

    /// <inheritdoc/>
    public override string ToString() => "**";
}

/// <summary>The parent.</summary>
public class SelectParent : SelectionPathElement
{
    /// <summary>The one value.</summary>
    public static readonly SelectParent Instance = new();

    /// <inheritdoc/>
    public override string ToString() => "..";
}
