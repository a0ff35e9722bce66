namespace Akka.Util;

/// <summary>A value or the exception that came instead.</summary>
public readonly struct Result<T> : IEquatable<Result<T>>
{
    /// <summary>True when there is a value.</summary>
    public readonly bool IsSuccess;

    /// <summary>The value, where there is one.</summary>
    public readonly T Value;

    /// <summary>The exception, where there is no value.</summary>
    public readonly Exception Exception;

    /// <summary>A success.</summary>
    public Result(T value)
    {
        IsSuccess = true;
        Value = value;
        Exception = null!;
    }

    /// <summary>A failure.</summary>
    public Result(Exception exception)
    {
        IsSuccess = false;
        Value = default!;
        Exception = exception;
    }

    /// <inheritdoc/>
    public bool Equals(Result<T> other) =>
        IsSuccess == other.IsSuccess
        && EqualityComparer<T>.Default.Equals(Value, other.Value)
        && Equals(Exception, other.Exception);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Result<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsSuccess, Value, Exception);

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"Success ({Value})" : $"Failure ({Exception})";

    /// <summary>Compares two results.</summary>
    public static bool operator ==(Result<T> left, Result<T> right) => left.Equals(right);

    /// <summary>Compares two results.</summary>
    public static bool operator !=(Result<T> left, Result<T> right) => !left.Equals(right);
}

/// <summary>Makes results.</summary>
public static class Result
{
    /// <summary>A success.</summary>
    public static Result<T> Success<T>(T value) => new(value);

    /// <summary>A failure.</summary>
    public static Result<T> Failure<T>(Exception exception) => new(exception);

    /// <summary>What a finished task came to.</summary>
    public static Result<T> FromTask<T>(Task<T> task) =>
        task.IsCompletedSuccessfully ? new Result<T>(task.Result)
        : task.IsCanceled ? new Result<T>(new TaskCanceledException(task))
        : new Result<T>(task.Exception!);

    /// <summary>What <paramref name="func"/> returned or threw.</summary>
    public static Result<T> From<T>(Func<T> func)
    {
        try
        {
            return new Result<T>(func());
        }
        catch (Exception cause)
        {
            return new Result<T>(cause);
        }
    }
}
