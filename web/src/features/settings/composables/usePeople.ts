/** The people of the organisation; administrators only. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'

import { api, unwrap } from '@/api/client'

const KEY = ['users']

export interface NewPerson {
  email: string
  name: string
  password: string
  role: 'admin' | 'member'
}

export function usePeople() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET('/api/v1/users')) })
  const create = useMutation({
    mutationFn: (body: NewPerson) => unwrap(api.POST('/api/v1/users', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  })
  return { query, create }
}
