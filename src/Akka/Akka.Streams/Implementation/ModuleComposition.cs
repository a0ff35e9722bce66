namespace Akka.Streams.Implementation;

/// <summary>Puts modules together with typed functions over the values they yield.</summary>
internal static class ModuleComposition
{
    public static Module Fuse<TLeft, TRight, TMat>(this Module first, Module second, Func<TLeft, TRight, TMat> combine)
    {
        if (first is IdentityModule && second is not IdentityModule && IsPlain(first))
            return second.Transform((TRight right) => combine((TLeft)(object)NotUsed.Instance, right));
        return new FusedModule(first, second, (left, right) => combine((TLeft)left!, (TRight)right!));
    }

    /// <summary>The value of the first counts.</summary>
    public static Module FuseLeft(this Module first, Module second)
    {
        if (first is IdentityModule && IsPlain(first))
            return new TransformModule(second, static _ => NotUsed.Instance);
        if (second is IdentityModule && IsPlain(second))
            return first;
        return new FusedModule(first, second, static (left, _) => left);
    }

    public static Module Transform<TFrom, TTo>(this Module module, Func<TFrom, TTo> transform) =>
        new TransformModule(module, value => transform((TFrom)value!));

    private static bool IsPlain(Module module) => ReferenceEquals(module.Attributes, Attributes.None);
}
