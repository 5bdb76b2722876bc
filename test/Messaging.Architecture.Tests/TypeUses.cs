using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Messaging.Architecture.Tests;

/// <summary>The types that a type mentions, in its signatures and in its code.</summary>
internal static class TypeUses
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The top-level types used by <paramref name="type"/> and the types nested in it.</summary>
    public static HashSet<Type> Of(Type type)
    {
        var uses = new HashSet<Type>();
        Collect(type, uses);
        uses.Remove(type);
        return uses;
    }

    private static void Collect(Type type, HashSet<Type> uses)
    {
        Add(uses, type.BaseType);
        foreach (var implemented in type.GetInterfaces())
            Add(uses, implemented);
        foreach (var field in type.GetFields(Declared))
            Add(uses, field.FieldType);
        foreach (var method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
            CollectMethod(method, uses);
        foreach (var nested in type.GetNestedTypes(Declared))
            Collect(nested, uses);
    }

    private static void CollectMethod(MethodBase method, HashSet<Type> uses)
    {
        foreach (var parameter in method.GetParameters())
            Add(uses, parameter.ParameterType);
        Add(uses, (method as MethodInfo)?.ReturnType);
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (var local in body.LocalVariables)
            Add(uses, local.LocalType);
        foreach (var token in Tokens(body.GetILAsByteArray()!))
            AddMember(uses, Resolve(method, token));
    }

    private static void AddMember(HashSet<Type> uses, MemberInfo? member)
    {
        if (member is Type type)
            Add(uses, type);
        Add(uses, member?.DeclaringType);
        if (member is MethodInfo { IsGenericMethod: true } generic)
        {
            foreach (var argument in generic.GetGenericArguments())
                Add(uses, argument);
        }
    }

    private static MemberInfo? Resolve(MethodBase method, int token)
    {
        var typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, typeArguments, methodArguments);
    }

    /// <summary>The metadata tokens of types, fields and methods in a method's code (ECMA-335, partition III).</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var i = 0; i < code.Length;)
        {
            short value = code[i++];
            if (value == 0xFE)
                value = (short)(0xFE00 | code[i++]);
            var operand = Codes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok)
                yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i));
            i += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i)),
                _ => 4,
            };
        }
    }

    private static void Add(HashSet<Type> uses, Type? type)
    {
        while (type is { HasElementType: true })
            type = type.GetElementType();
        if (type is null || type.IsGenericParameter)
            return;
        foreach (var argument in type.GetGenericArguments())
            Add(uses, argument);
        while (type.DeclaringType is { } outer)
            type = outer;
        uses.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
    }
}
