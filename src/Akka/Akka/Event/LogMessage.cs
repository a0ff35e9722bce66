using System.Globalization;

namespace Akka.Event;

/// <summary>Turns a template and its arguments into text.</summary>
public interface ILogMessageFormatter
{
    /// <summary>The text.</summary>
    string Format(string format, params object?[] args);

    /// <summary>The text.</summary>
    string Format(string format, IEnumerable<object?> args);
}

/// <summary>Templates as of <see cref="string.Format(string, object[])"/>.</summary>
public class DefaultLogMessageFormatter : ILogMessageFormatter
{
    /// <summary>The one value.</summary>
    public static readonly DefaultLogMessageFormatter Instance = new();

    private DefaultLogMessageFormatter() { }

    /// <inheritdoc/>
    public string Format(string format, params object?[] args) =>
        string.Format(CultureInfo.InvariantCulture, format, args);

    /// <inheritdoc/>
    public string Format(string format, IEnumerable<object?> args) => Format(format, [.. args]);
}

/// <summary>A template with its arguments; formatted by who writes it down.</summary>
public abstract class LogMessage
{
    /// <summary>Turns it into text.</summary>
    protected readonly ILogMessageFormatter Formatter;

    /// <summary>Takes formatter and template.</summary>
    protected LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    /// <summary>The template.</summary>
    public string Format { get; }

    /// <summary>Template and arguments side by side.</summary>
    public abstract string Unformatted();

    /// <summary>The arguments.</summary>
    public abstract IEnumerable<object?> Parameters();
}

internal sealed class TemplateMessage(ILogMessageFormatter formatter, string format, object?[] arguments)
    : LogMessage(formatter, format)
{
    public override IEnumerable<object?> Parameters() => arguments;

    public override string Unformatted() => string.Join(", ", arguments);

    public override string ToString()
    {
        try
        {
            return Formatter.Format(Format, arguments);
        }
        catch (FormatException cause)
        {
            // A wrong template must not cost the line, nor the actor.
            return $"{Format} with [{Unformatted()}] ({cause.Message})";
        }
    }
}
