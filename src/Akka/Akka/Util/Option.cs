namespace Akka.Util;

/// <summary>A value or nothing.</summary>
public readonly struct Option<T> : IEquatable<Option<T>>
{
    /// <summary>Nothing.</summary>
    public static readonly Option<T> None;

    private readonly T? _value;

    /// <summary>Holds <paramref name="value"/>; null makes an empty option.</summary>
    public Option(T? value)
    {
        _value = value;
        HasValue = value is not null;
    }

    /// <summary>True when there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>True when there is none.</summary>
    public bool IsEmpty => !HasValue;

    /// <summary>The value, or the default of its type when there is none.</summary>
    public T Value => _value!;

    /// <summary>An option of <paramref name="value"/>.</summary>
    public static Option<T> Create(T? value) => new(value);

    /// <summary>The value, or <paramref name="fallbackValue"/>.</summary>
    public T GetOrElse(T fallbackValue) => HasValue ? _value! : fallbackValue;

    /// <summary>Maps the value.</summary>
    public Option<TNew> Select<TNew>(Func<T, TNew> selector) =>
        HasValue ? new Option<TNew>(selector(_value!)) : Option<TNew>.None;

    /// <summary>Maps the value to another option.</summary>
    public Option<TNew> FlatSelect<TNew>(Func<T, Option<TNew>> mapper) =>
        HasValue ? mapper(_value!) : Option<TNew>.None;

    /// <summary>Runs <paramref name="action"/> on the value, if there is one.</summary>
    public void OnSuccess(Action<T> action)
    {
        if (HasValue)
            action(_value!);
    }

    /// <inheritdoc/>
    public bool Equals(Option<T> other) =>
        HasValue == other.HasValue && EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Option<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HasValue ? _value!.GetHashCode() : 0;

    /// <inheritdoc/>
    public override string ToString() => HasValue ? $"Some<{_value}>" : "None";

    /// <summary>Wraps a value.</summary>
    public static implicit operator Option<T>(T? value) => new(value);

    /// <summary>Compares two options.</summary>
    public static bool operator ==(Option<T> left, Option<T> right) => left.Equals(right);

    /// <summary>Compares two options.</summary>
    public static bool operator !=(Option<T> left, Option<T> right) => !left.Equals(right);
}
